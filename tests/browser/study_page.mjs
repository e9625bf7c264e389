// Opens the studies of write_pages in Chromium, from a file and without a network:
//   node study_page.mjs CHROMIUM FOLDER
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withBrowser } from './browser.mjs';
import { drag, timings } from './study_timing.mjs';

const [executablePath, folder] = process.argv.slice(2);
const points = (name) => readFileSync(join(folder, `${name}.jsonl`), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
const count = (page, selector, key) => page.locator(selector).evaluate((canvas, name) => Number(canvas.dataset[name]), key);
const shown = async (page) => Number((await page.locator('#shown').innerText()).split(' ')[0].replaceAll(',', ''));
const settled = (page) => page.waitForTimeout(250);  // tables follow a brush when it rests
/** Pixels of a canvas that are not empty, read back. */
const painted = (page, selector) => page.locator(selector).evaluate((canvas) => {
  const copy = Object.assign(document.createElement('canvas'), { width: canvas.width, height: canvas.height }).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  let pixels = 0;
  for (let i = 3; i < data.length; i += 4) pixels += data[i] > 0;
  return pixels;
});
/** What the page itself exports: {id: row of numbers and texts}. */
async function exported(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#export').click()]);
  const [head, ...lines] = readFileSync(await download.path(), 'utf8').trim().split('\r\n').map((line) => line.split(','));
  return lines.map((line) => Object.fromEntries(line.map((cell, i) => [head[i], cell])));
}
const ids = (rows) => rows.map(({ id }) => Number(id)).sort((a, b) => a - b);
const unfold = (page) => page.locator('.toolbar button', { hasText: 'Clear' }).click();

await withBrowser(executablePath, folder, async (onPage) => {
  await onPage('study', async (page) => {
    const all = points('study');
    const usual = all.filter((point) => point.admissible);
    assert.ok(usual.length > 1000 && usual.length < all.filter(({ status }) => status === 'done').length);
    assert.equal(await shown(page), usual.length);
    assert.equal(await count(page, 'canvas.points', 'points'), usual.length);
    assert.equal(await count(page, 'canvas.lines', 'lines'), usual.length);
    assert.match(await page.locator('.synthetic').innerText(), /SYNTHETIC/);
    assert.match(await page.locator('header').innerText(), /least energy_pj, least time_s, least sram_bytes · subject to time_s <= 0\.5/);
    const [scatterFull, linesFull] = [await painted(page, 'canvas.points'), await painted(page, 'canvas.lines')];
    assert.ok(scatterFull > 5000 && linesFull > 50000, `painted pixels ${scatterFull}, ${linesFull}`);

    // A brush in the scatter filters both; what it keeps lies in a rectangle that holds nothing else.
    await drag(page, '.scatter', [120, 150], [330, 330]);
    await settled(page);
    const kept = await exported(page);
    assert.ok(kept.length > 20 && kept.length < usual.length, `${kept.length} kept`);
    assert.equal(await count(page, 'canvas.points', 'points'), kept.length);
    assert.equal(await count(page, 'canvas.lines', 'lines'), kept.length);
    assert.ok(await painted(page, 'canvas.points') < scatterFull && await painted(page, 'canvas.lines') < linesFull);
    const bounds = ['energy_pj', 'time_s'].map((metric) => [metric, Math.min(...kept.map((row) => row[metric])), Math.max(...kept.map((row) => row[metric]))]);
    assert.deepEqual(ids(kept), ids(usual.filter(({ metrics }) => bounds.every(([metric, low, high]) => metrics[metric] >= low && metrics[metric] <= high))));
    assert.equal(await page.locator('.parallel .brush').count(), 2, 'the axes of both metrics show the brush');

    // And the other way round: an axis of the parallel coordinates filters the scatter.
    await unfold(page);
    assert.equal(await shown(page), usual.length);
    await drag(page, '.parallel', [62, 160], [62, 240]);  // the middle of the first axis, dim_M: 8 16 32 64 128
    await settled(page);
    const values = new Set((await exported(page)).map((row) => row.dim_M));
    assert.ok(values.size >= 1 && values.size < 5, [...values].join());
    assert.equal(await shown(page), usual.filter(({ settings }) => values.has(settings.dim_M)).length);
    assert.equal(await count(page, 'canvas.points', 'points'), await shown(page));
    assert.equal(await page.locator('.filter.active').count(), 1);

    // The same by keyboard.
    await unfold(page);
    await page.locator('.filter', { hasText: 'dim_C' }).locator('input').first().focus();
    await page.keyboard.press('Space');
    assert.equal(await shown(page), usual.filter(({ settings }) => settings.dim_C !== '4').length);
    await settled(page);

    // Heat map: the best of the points within the filters.
    const least = Math.min(...usual.filter(({ settings }) => settings.dim_M === '8' && settings.dim_C === '8').map(({ metrics }) => metrics.energy_pj));
    const titles = await page.$$eval('.heat td', (cells) => cells.map((cell) => cell.title));
    const cell = titles.find((title) => title.startsWith('dim_C 8, dim_M 8:'));
    assert.ok(Math.abs(parseFloat(cell.split(': ')[1]) / (least * 1e-9) - 1) < 0.01, `${cell}, ${least}`);
    assert.ok(titles.slice(-5).every((title) => title === 'no point'), 'the row of dim_C 4, lowest, is empty');
    await unfold(page);
    await settled(page);

    // The table holds the front; a row shows the point's configuration and its command.
    const front = usual.filter((point) => point.front);
    assert.deepEqual((await page.$$eval('#front tbody .link', (links) => links.map((link) => Number(link.textContent)))).sort((a, b) => a - b), ids(front));
    const check = async (point) => {
      const text = await page.locator('#detail').innerText();
      assert.match(text, new RegExp(`Point ${point.id}(?!\\d)[\\s\\S]*rebasis sweep --point ${point.id} .*study\\.store`));
      const pairs = await page.$$eval('#detail dl', (lists) => lists.flatMap((list) => [...list.querySelectorAll('dt')].map((term) => [term.textContent, term.nextElementSibling.textContent])));
      for (const [name, value] of Object.entries(point.settings)) assert.deepEqual(pairs.find(([term]) => term === name), [name, value]);
    };
    await page.locator('#front tbody .link').nth(2).click();
    const chosen = Number(await page.locator('#front tr.chosen .link').innerText());
    await check(front.find(({ id }) => id === chosen));
    assert.match(await page.locator('#detail').innerText(), /Energy by component[\s\S]*dram[\s\S]*Layers \(54\)/);
    const ring = await page.locator('.scatter circle.chosen').evaluate((circle) => [circle.cx.baseVal.value, circle.cy.baseVal.value]);
    await page.locator('#front tbody .link').nth(9).click();
    assert.notEqual(Number(await page.locator('#front tr.chosen .link').innerText()), chosen);

    // A click where the point was drawn chooses it again; arrow keys and Enter choose others.
    await page.locator('.scatter').click({ position: { x: ring[0], y: ring[1] } });
    await check(front.find(({ id }) => id === chosen));
    await page.locator('.scatter').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const walked = Number((await page.locator('#detail h3').innerText()).match(/Point (\d+)/)[1]);
    await check(front.find(({ id }) => id === walked));

    // Points that are not done, axes, scales, colours.
    await page.locator('.toolbar label', { hasText: 'only those' }).click();
    assert.equal(await shown(page), all.filter(({ status }) => status === 'done').length);
    await page.locator('.toolbar label', { hasText: 'infeasible' }).click();
    assert.equal(await count(page, 'canvas.lines', 'lines'), all.length);
    assert.equal(await count(page, 'canvas.points', 'points'), all.filter(({ status }) => status === 'done').length);
    await page.locator('.logs input').first().click();
    await page.locator('.picks select').nth(1).selectOption({ label: 'dram_bytes' });
    assert.match(await page.locator('.scatter').getAttribute('aria-label'), /energy_pj and dram_bytes/);
    await page.locator('.theme').click();
    assert.ok(await painted(page, 'canvas.points') > 5000);
    assert.ok(await page.locator('.scatter .other').count() === 0, 'the other study has only objectives');
    await page.locator('.picks select').nth(1).selectOption({ label: 'time_s' });
    assert.ok(await page.locator('.scatter .other').count() > 3, 'the front of the other study');
    assert.match(await page.locator('#compare').innerText(), /Hypervolume of the first \/ second/);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no horizontal scrolling of the page');
    await page.setViewportSize({ width: 400, height: 800 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nor of a narrow one');
  });

  await onPage('study_small', async (page) => {
    await page.goto(`${page.url()}#point-7`);
    await page.reload();
    await page.locator('#detail h3', { hasText: 'Point 7' }).waitFor();
  });

  await onPage('study_none', async (page) => assert.match(await page.locator('main').innerText(), /No point is done yet/));

  await onPage('study_hostile', async (page) => {
    await page.locator('#front tbody .link').first().click();
    await page.locator('#detail details summary').click();
    assert.equal(await page.evaluate(() => window.attacked), undefined, 'no name is run as a script');
    assert.equal(await page.locator('img').count(), 0);
  });

  // The figures that docs/reading-a-study.md states are measured by bench/study_page; here only that they are not far off.
  await onPage('study_20000', async (page) => {
    const { draw, scatter, parallel } = await timings(page);
    console.log(`20,000 points: first draw ${draw.toFixed(0)} ms, brush ${scatter.toFixed(0)} ms and ${parallel.toFixed(0)} ms`);
    assert.ok(draw < 5000, 'the demand is 1 s; a busy machine gets five times that');
    assert.ok(scatter < 500 && parallel < 500, 'the demand is 100 ms');
    assert.equal(await count(page, 'canvas.lines', 'lines'), await shown(page), 'no line is left out');
  });
});
