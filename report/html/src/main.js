import { compareResults } from './compare.js';
import { comparison } from './comparison.js';
import { single } from './single.js';
import { training } from './training.js';

const json = (id) => { const element = document.getElementById(id); return element && JSON.parse(element.textContent); };
const compared = json('comparison');
const results = json('results');
const runs = json('training');
const main = document.getElementById('report');
const content = () => (runs ? training(runs) : compared ? comparison(compared) : results.length === 1 ? single(results[0]) : compareResults(results));
main.append(...content().filter(Boolean));
// A chart that is copied out of the page carries its label with it.
if (compared ? compared.synthetic : results?.some((result) => result.totals.synthetic)) document.documentElement.dataset.synthetic = 'true';
for (const figure of document.querySelectorAll('figure')) figure.start();
document.documentElement.dataset.ready = 'true';
