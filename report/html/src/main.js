import { compareResults } from './compare.js';
import { single } from './single.js';

const results = JSON.parse(document.getElementById('results').textContent);
const main = document.getElementById('report');
main.append(...(results.length === 1 ? single(results[0]) : compareResults(results)).filter(Boolean));
for (const figure of document.querySelectorAll('figure')) figure.start();
document.documentElement.dataset.ready = 'true';
