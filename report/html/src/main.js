import { compareResults } from './compare.js';
import { single } from './single.js';

const results = JSON.parse(document.getElementById('results').textContent);
const main = document.getElementById('report');
main.append(...(results.length === 1 ? single(results[0]) : compareResults(results)).filter(Boolean));
// A chart that is copied out of the page carries its label with it.
if (results.some((result) => result.totals.synthetic)) document.documentElement.dataset.synthetic = 'true';
for (const figure of document.querySelectorAll('figure')) figure.start();
document.documentElement.dataset.ready = 'true';
