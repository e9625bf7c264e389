// How fast the page of a study is:  node study_timing.mjs CHROMIUM PAGE.html...
// Prints, for each page, the milliseconds to its first draw and of brushes, from the pointer's move to the frame that
// shows their result; and the processor time of the page's main thread in them, which a busy machine stretches less.
import { basename, dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withBrowser } from './browser.mjs';

/** Moves the pointer and waits for the second frame: the first handles the move, when the second begins it is shown. */
async function moveTo(page, x, y) {
  const shown = page.evaluate(() => new Promise((resolve) => {
    document.addEventListener('pointermove', () => {
      const from = performance.now();
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - from)));
    }, { once: true, capture: true });
  }));
  await page.mouse.move(x, y);
  return shown;
}

/** Drags from one place of an element to another, in steps; [x, y] in pixels of it. Milliseconds of each step. */
export async function drag(page, selector, from, to, steps = 8) {
  await page.locator(selector).evaluate((element) => element.scrollIntoView({ block: 'center' }));
  const box = await page.locator(selector).boundingBox();
  const at = (part) => [0, 1].map((i) => box[i ? 'y' : 'x'] + from[i] + (to[i] - from[i]) * part);
  await page.mouse.move(...at(0));
  await page.mouse.down();
  const times = [];
  for (let i = 1; i <= steps; i++) times.push(await moveTo(page, ...at(i / steps)));
  await page.mouse.up();
  return times;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** {draw, scatter, parallel}: milliseconds; brushes as medians. cpu: of loading until all is drawn, and means of the brushes. */
export async function timings(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const busy = async () => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'ThreadTime').value * 1000;
  const steps = 8;
  const draw = await page.evaluate(() => performance.getEntriesByName('first-draw')[0].startTime);
  const start = await busy();
  await page.reload();
  await page.waitForFunction(() => document.documentElement.dataset.ready === 'true');
  const loaded = await busy();
  const scatter = await drag(page, '.scatter', [150, 60], [420, 330], steps);
  const brushed = await busy();
  await page.locator('.toolbar button', { hasText: 'Clear' }).click();
  const before = await busy();
  const parallel = await drag(page, '.parallel', [62, 60], [62, 260], steps);
  const cpu = [loaded - start, (brushed - loaded) / steps, (await busy() - before) / steps];
  return { draw, scatter: median(scatter), parallel: median(parallel), cpu };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [executablePath, ...pages] = process.argv.slice(2);
  for (const file of pages) {
    await withBrowser(executablePath, dirname(file), (onPage) => onPage(basename(file, '.html'), async (page) => {
      const { draw, scatter, parallel, cpu } = await timings(page);
      const [load, inScatter, onAxis] = cpu.map((value) => value.toFixed(0));
      console.log(`${basename(file)}: first draw ${draw.toFixed(0)} ms, a step of a brush in the scatter ${scatter.toFixed(0)} ms, on an axis ${parallel.toFixed(0)} ms; `
        + `processor time of the whole page ${load} ms, of a step ${inScatter} ms and ${onAxis} ms`);
    }));
  }
}
