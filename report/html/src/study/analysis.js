// What moves the objectives, how the front grew, and how a second study compares.
import { choice, h, section, table } from '../dom.js';
import { s, ticks } from './axes.js';
import { count, digits, percent } from '../format.js';

const methods = {
  saltelli: 'The points are Saltelli’s design: first-order and total shares are Sobol indices by Jansen’s estimators.',
  grid: 'The points are a full grid: first-order and total shares are exact (Sobol indices by conditional variances).',
  binned: 'The points are a sample, not a full grid: first-order shares are estimates from the means over each dimension’s values, and total shares cannot be told. If a search chose the points, the shares describe these points, not the space.',
};

const parts = [['first', 'first order', 'alone: the share of the variance that this dimension explains by itself'],
  ['total', 'total', 'with interactions: the share that would vanish if it were fixed'],
  ['alone', 'one at a time', 'the mean range among points that differ in it alone, as a share of the whole range']];

function bars(data, found) {
  const shown = parts.filter(([key]) => found.effects.some((effect) => effect[key] !== null));
  const order = [...found.effects].sort((a, b) => (b.total ?? b.first ?? b.alone ?? 0) - (a.total ?? a.first ?? a.alone ?? 0));
  if (!shown.length) return [h('p', { class: 'note' }, 'The metric is the same everywhere, or there are too few points.')];
  return [h('p', { class: 'note' }, methods[found.method] ?? ''),
    h('ul', { class: 'keys' }, shown.map(([, name, meaning], i) => h('li', {}, h('i', { class: `part${i}` }), h('strong', {}, name), ` ${meaning}`))),
    h('table', { class: 'effects' }, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'dimension'), shown.map(([, name]) => h('th', { scope: 'col', colspan: 2 }, name)))),
      h('tbody', {}, order.map((effect) => h('tr', {}, h('th', { scope: 'row' }, effect.name), shown.flatMap(([key], i) => [
        h('td', { class: 'bar' }, h('i', { class: `part${i}`, style: `width:${Math.min(1, effect[key] ?? 0) * 100}%` })), h('td', { class: 'n' }, effect[key] === null ? '–' : percent(effect[key]))])))))];
}

export function sensitivity(data) {
  const usable = data.sensitivity.filter((found) => found.effects.length);
  if (!usable.length) return null;
  const place = h('div', {});
  const draw = (i) => place.replaceChildren(...bars(data, usable[i]));
  draw(0);
  return section('sensitivity', 'What moves the objectives', `From ${count(usable[0].points)} points that are done, constraints aside.`,
    choice('Objective', usable.map((found, i) => [i, data.metrics[found.metric].label]), 0, draw), place);
}

const [width, height, left, bottom] = [1000, 240, 52, 40];

/** Steps of the hypervolume over the number of points. */
function steps(history) {
  const last = history.at(-1)[0];
  const toX = (points) => left + points / last * (width - left - 20);
  const toY = (volume) => (height - bottom) * (1 - volume) + 8 * volume;
  const axis = (low, high, format) => ({ kind: 'metric', low, high, log: false, format, place: (value) => (value - low) / (high - low) });
  const path = history.map(([points, volume], i) => `${i ? `H${toX(points)}` : `M${toX(points)} ${toY(0)}`}V${toY(volume)}`).join('');
  const marks = [
    ...ticks(axis(0, 1, percent), 5).map(({ at, text }) => [s('line', { x1: left, x2: width - 20, y1: toY(at), y2: toY(at), class: 'rule' }), s('text', { x: left - 8, y: toY(at) + 4, 'text-anchor': 'end' }, text)]),
    ...ticks(axis(0, last, count), 8).map(({ at, text }) => s('text', { x: toX(at * last), y: height - bottom + 18, 'text-anchor': 'middle' }, text)),
    s('text', { x: (left + width) / 2, y: height - 4, 'text-anchor': 'middle' }, 'points evaluated')];
  return s('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', class: 'steps', 'aria-label': `Hypervolume over evaluations: ${percent(history.at(-1)[1])} after ${count(last)} points. The numbers are in the table below.` }, marks.flat(), s('path', { d: path }));
}

export function hypervolume(data) {
  const { history } = data.volume;
  if (history.length < 2) return null;
  const [points, final] = history.at(-1);
  const [near] = history.find(([, volume]) => volume >= 0.95 * final);
  return section('hypervolume', 'Hypervolume over evaluations', `The share of the box between the best values and the reference that the front dominates, after so many points in the order of their numbers. 95 % of the final volume came with the first ${count(near)} of ${count(points)} points.`,
    h('div', { class: 'charted' }, steps(history)),
    h('details', {}, h('summary', {}, 'The numbers as a table'), h('div', { class: 'scroll', tabindex: '0' }, table(['points', 'hypervolume'], history.map(([n, volume]) => [count(n), percent(volume)]), null, 0))));
}

export function comparisonTable(data) {
  const { compare } = data;
  if (!compare) return null;
  const row = (name, i) => [name, count(compare.together[1 + i]), percent(compare.volumes[i]), percent(compare.covers[i])];
  const ratio = compare.volumes[1] > 0 ? `Hypervolume of the first / second: ${digits(compare.volumes[0] / compare.volumes[1])}. ` : '';
  return section('compare', `Beside ${compare.name}`, `${ratio}Both are measured in the box of both fronts together; a front covers a point of the other that it dominates or equals.${compare.synthetic ? ' The other study is SYNTHETIC.' : ''}`,
    h('div', { class: 'scroll' }, table(['study', 'points on the joint front', 'hypervolume', 'covers the other'], [row(`${data.study.name} (${data.study.store})`, 0), row(`${compare.name} (${compare.store})`, 1)])));
}
