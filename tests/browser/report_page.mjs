// Opens the pages of write_pages in Chromium, from a file and without a network:
//   node report_page.mjs CHROMIUM FOLDER
// Fails with the page and the expectation that does not hold.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withBrowser } from './browser.mjs';

const [executablePath, folder] = process.argv.slice(2);
/** Filled shapes of each chart: axes and text are not enough. */
const shapes = (page) => page.$$eval('figure .chart', (charts) => charts.map((chart) =>
  [...chart.querySelectorAll('svg path')].filter((path) => {
    const fill = path.getAttribute('fill');
    const box = path.getBBox();
    return fill && fill !== 'none' && fill !== 'transparent' && box.width > 0.5 && box.height > 0.5;
  }).length));

async function everyChartDrawn(page, expected) {
  const drawn = await shapes(page);
  assert.equal(drawn.length, expected, 'number of charts');
  assert.ok(drawn.every((count) => count > 0), `shapes of each chart: ${drawn}`);
}

const firstLayers = (page) => page.$$eval('.layers tbody th .open', (names) => names.slice(0, 3).map((name) => name.firstChild.textContent));
const cycles = (page) => page.$$eval('.layers tbody tr:not([id]) td:nth-child(7)', (cells) => cells.map((cell) => Number(cell.textContent.replaceAll(',', ''))));

await withBrowser(executablePath, folder, async (onPage) => {
  await onPage('one', async (page) => {
    await everyChartDrawn(page, 7);
    assert.equal(await page.locator('.synthetic').count(), 0);
  });

  await onPage('none', async (page) => assert.match(await page.locator('h1').innerText(), /resnet50 on smartdeal/));

  await onPage('many', async (page) => {
    await everyChartDrawn(page, 7);
    assert.match(await page.locator('.synthetic').innerText(), /SYNTHETIC/);
    assert.match(await page.title(), /SYNTHETIC/);
    const labels = await page.$$eval('.chart', (charts) => charts.map((chart) => getComputedStyle(chart, '::after').content));
    assert.ok(labels.every((label) => label === '"SYNTHETIC"'), 'each chart says SYNTHETIC');
    assert.match(await page.locator('.subtitle').innerText(), /mean of 4 images/);
    assert.equal((await cycles(page)).length, 200);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no horizontal scrolling of the page');

    await page.locator('.layers thead button', { hasText: 'cycles' }).click();
    const sorted = await cycles(page);
    assert.deepEqual(sorted, [...sorted].sort((a, b) => b - a), 'sorted by cycles, most first');
    assert.equal(await page.locator('.layers thead th[aria-sort="descending"]').innerText(), 'cycles');
    await page.locator('.search input').fill('fc');
    assert.deepEqual(await firstLayers(page), ['fc']);
    await page.locator('.layers .open').first().focus();
    await page.keyboard.press('Enter');
    assert.match(await page.locator('.more').innerText(), /Mapping[\s\S]*loop order[\s\S]*m c e f/);

    const chart = page.locator('#stalls .chart');
    await chart.focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('#stalls .tip').waitFor();
    assert.match(await page.locator('#stalls .tip').innerText(), /stage0\.conv1[\s\S]*busy/);

    const before = await page.locator('#stalls .chart').innerHTML();
    await page.locator('#stalls .choice label', { hasText: 'Absolute' }).click();
    assert.notEqual(await page.locator('#stalls .chart').innerHTML(), before, 'absolute differs from share');
    await page.locator('#ranking .choice label', { hasText: 'Energy' }).click();
    await everyChartDrawn(page, 7);

    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.locator('.theme').click();
    assert.notEqual(await background(), light, 'dark colours');
    await page.locator('.switch input').check();
    await everyChartDrawn(page, 7);
    await page.locator('#dram details.data summary').click();
    await page.locator('#dram details.data tbody tr').first().waitFor();
    assert.equal(await page.locator('#dram details.data tbody tr').count(), 200);
  });

  await onPage('hostile', async (page) => {
    await page.locator('#energy .chart').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('.layers .open').first().click();
    assert.equal(await page.evaluate(() => window.attacked), undefined, 'no name is run as a script');
    assert.equal(await page.locator('img').count(), 0);
  });

  await onPage('comparison', async (page) => {
    await everyChartDrawn(page, 6);
    assert.match(await page.locator('#compare-time').innerText(), /Time relative to smartdeal/);
    await page.locator('#compare-time details summary').click();
    await page.locator('#compare-time tbody tr').first().waitFor();  // made when the table opens, after the click returns
    const rows = await page.$$eval('#compare-time tbody tr', (all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
    assert.deepEqual(rows.map((row) => row[0]), ['resnet50', 'vgg19', 'geometric mean']);
    assert.ok(rows.every((row) => row[1] === '1×' && parseFloat(row[2]) > 1.3 && parseFloat(row[3]) > 2), JSON.stringify(rows));
  });

  await onPage('compared', async (page) => {
    const data = JSON.parse(readFileSync(join(folder, 'compared.json'), 'utf8'));
    await everyChartDrawn(page, 9);  // three figures, three breakdowns, two over bandwidth, layers
    assert.match(await page.locator('.failures').innerText(), /1 of 12 runs[\s\S]*scnn on vgg19, unlimited: infeasible\. layer 'fc' does not fit/);
    assert.match(await page.locator('#left-out').innerText(), /stage0\.conv1\s+scnn\s+no plane/);
    assert.match(await page.locator('#left-out').innerText(), /fc\s+all\s+fully connected/);
    assert.match(await page.locator('#inputs').innerText(), /smartdeal, diannao, scnn\s+trained\s+75 %\s+74 %\s+64\s+1 MB\s+8 MB\s+8×/);

    /** The numbers below a chart. */
    const numbers = async (id) => {
      await page.locator(`${id} details.data summary`).first().click();
      await page.locator(`${id} details.data tbody tr`).first().waitFor();
      return page.$$eval(`${id} details.data tbody tr`, (all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
    };
    const shown = (value) => (value == null ? '–' : `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))}×`);
    /** What the program itself computed. */
    const expected = (figure, dram) => [...data.networks.map((network) => [network, ...data.accelerators.map(({ name }) =>
      shown(data.entries.find((entry) => entry.network === network && entry.accelerator === name && entry.dram_model === dram).normalised[figure]))]),
    ['geometric mean', ...data.accelerators.map(({ geometric_mean: mean }) => shown(mean[dram][figure]))]];
    assert.deepEqual(await numbers('#figure-efficiency'), expected('energy_efficiency', 'slow'));
    assert.deepEqual(await numbers('#figure-dram'), expected('dram_accesses', 'slow'));
    assert.deepEqual(await numbers('#figure-speed'), expected('speed_up', 'slow'));

    await page.locator('#figures .choice label', { hasText: 'unlimited' }).click();
    const unlimited = await numbers('#figure-speed');
    assert.deepEqual(unlimited, expected('speed_up', 'unlimited'));
    assert.deepEqual(unlimited.map((row) => row[3]).slice(1), ['–', '–'], 'no bar and no mean for what is infeasible');
    await page.locator('#figures .choice label', { hasText: 'smartdeal' }).click();
    assert.match(await page.locator('#figure-speed h3').innerText(), /Speed-up over smartdeal/);
    assert.ok((await numbers('#figure-speed')).slice(0, 2).every((row) => row[1] === '1×'));
    await page.locator('#figures .choice label', { hasText: 'Logarithmic' }).click();
    await everyChartDrawn(page, 9);

    await page.locator('#behind .choice label', { hasText: 'vgg19' }).click();
    assert.deepEqual(await page.$$eval('#behind figure .chart', (charts) => charts.map((chart) => chart.getAttribute('aria-label').includes('vgg19, unlimited'))), [true, true, true]);
    assert.match(await page.locator('#bandwidth').innerText(), /diannao is not faster than smartdeal with any memory/);
    await page.locator('.theme').click();
    await page.locator('.switch input').check();
    await everyChartDrawn(page, 9);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no horizontal scrolling of the page');
  });

  await onPage('compared_hostile', async (page) => {
    await page.locator('#figure-speed .chart').focus();
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.evaluate(() => window.attacked), undefined, 'no name is run as a script');
    assert.equal(await page.locator('img').count(), 0);
  });
});
