// What moves the objectives, how the front grew, and how a second study compares.
import { chart, tip } from '../chart.js';
import { choice, h, section, table } from '../dom.js';
import { count, digits, percent } from '../format.js';
import { ink } from '../theme.js';

const methods = {
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

export function hypervolume(data) {
  const { history } = data.volume;
  if (history.length < 2) return null;
  const option = () => ({
    grid: { left: 60, right: 24, top: 16, bottom: 44 },
    xAxis: { type: 'value', name: 'points evaluated', nameLocation: 'middle', nameGap: 28, max: history.at(-1)[0] },
    yAxis: { type: 'value', max: 1, axisLabel: { formatter: (value) => percent(value) } },
    tooltip: { trigger: 'axis', formatter: (points) => tip(`${count(points[0].value[0])} points`, [[points[0].color, 'hypervolume', percent(points[0].value[1])]]) },
    series: [{ type: 'line', step: 'end', symbol: 'none', lineStyle: { width: 2, color: ink().accent }, itemStyle: { color: ink().accent }, areaStyle: { opacity: 0.08 }, data: history }],
  });
  const last = history.at(-1)[1];
  const near = history.find(([, volume]) => volume >= 0.95 * last);
  return section('hypervolume', 'Hypervolume over evaluations', `The share of the box between the best values and the reference that the front dominates, after so many points in the order of their numbers. 95 % of the final volume came with the first ${count(near[0])} of ${count(history.at(-1)[0])} points.`,
    chart({ label: 'Hypervolume over evaluations', height: 260, option, points: () => history.map((_, i) => ({ seriesIndex: 0, dataIndex: i })), data: () => table(['points', 'hypervolume'], history.map(([points, volume]) => [count(points), percent(volume)]), null, 0) }));
}

export function comparisonTable(data) {
  const { compare } = data;
  if (!compare) return null;
  const row = (name, i) => [name, count(compare.together[1 + i]), percent(compare.volumes[i]), percent(compare.covers[i])];
  const ratio = compare.volumes[1] > 0 ? `Hypervolume of the first / second: ${digits(compare.volumes[0] / compare.volumes[1])}. ` : '';
  return section('compare', `Beside ${compare.name}`, `${ratio}Both are measured in the box of both fronts together; a front covers a point of the other that it dominates or equals.${compare.synthetic ? ' The other study is SYNTHETIC.' : ''}`,
    h('div', { class: 'scroll' }, table(['study', 'points on the joint front', 'hypervolume', 'covers the other'], [row(`${data.study.name} (${data.study.store})`, 0), row(`${compare.name} (${compare.store})`, 1)])));
}
