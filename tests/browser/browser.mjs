// Chromium without a network, and pages that may not complain.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

/** Calls work(onPage) with a browser that ends with it. */
export async function withBrowser(executablePath, folder, work) {
  const profile = mkdtempSync(join(tmpdir(), 'rebasis-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath, headless: true, offline: true, viewport: { width: 1280, height: 900 },
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });

  /** Opens a page, runs `check`, and fails on any message that a console would show as a warning or an error. */
  async function onPage(name, check) {
    const page = await context.newPage();
    const complaints = [];
    page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()); });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => { if (!/^(file|blob):/.test(request.url())) complaints.push(`loads ${request.url()}`); });
    await page.goto(pathToFileURL(resolve(folder, `${name}.html`)).href);
    await page.waitForFunction(() => document.documentElement.dataset.ready === 'true', null, { timeout: 20000 });
    await check(page);
    assert.deepEqual(complaints, [], `${name}: console`);
    await page.close();
    console.log(`${name}: ok`);
  }

  try {
    await work(onPage);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
