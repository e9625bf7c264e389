// Stacked columns over layers (or results): energy, stalls and DRAM bytes are all the same drawing.
import { chart, tip } from './chart.js';
import { choice, h, table } from './dom.js';
import { percent, shortName, sum, words } from './format.js';
import { colours } from './theme.js';

/** Space for the category labels; more columns than `crowded` get a zoom bar. */
export const crowded = 60;
export const grid = (extra = {}) => ({ left: 4, right: 12, top: 36, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel', ...extra });

export function categoryAxis(names) {
  return {
    type: 'category', data: names, splitLine: { show: false },
    axisLabel: { rotate: names.length > 6 ? 40 : 0, formatter: (name) => shortName(name), hideOverlap: names.length > 30, interval: names.length > 30 ? 'auto' : 0 },
  };
}

export const zoom = (names) => (names.length > crowded
  ? [{ type: 'slider', height: 18, bottom: 4, brushSelect: false, showDetail: false }] : []);

/** Keys of the objects that `part` picks, the largest total first. */
export function keysBySize(items, part) {
  const total = {};
  for (const item of items) for (const [key, value] of Object.entries(part(item))) total[key] = (total[key] ?? 0) + value;
  return Object.keys(total).filter((key) => total[key] > 0).sort((a, b) => total[b] - total[a]);
}

/** Of many keys the smallest together as `other`, so that legend and colours stay readable. Returns [items, keys]. */
export function withoutCrumbs(items, keys, most = 9) {
  if (keys.length <= most) return [items, keys];
  const kept = keys.slice(0, most - 1);
  const crumbs = keys.slice(most - 1);
  const fold = (parts) => ({
    ...Object.fromEntries(kept.map((key) => [key, parts[key] ?? 0])), [`other (${crumbs.length})`]: sum(crumbs.map((key) => parts[key] ?? 0)),
  });
  return [items.map((item) => ({ ...item, parts: fold(item.parts) })), [...kept, `other (${crumbs.length})`]];
}

/**
 * `items`: [{name, parts: {key: value}}]; `format` prints a value; `axis` prints it short. With `shares`, the reader
 * can switch to fractions of each column.
 */
export function stackedColumns({ label, items: all, keys: allKeys, format, unit, shares = false, startWithShares = false, height = 340 }) {
  const [items, keys] = withoutCrumbs(all, allKeys);
  let asShare = startWithShares;
  const totals = items.map((item) => sum(keys.map((key) => item.parts[key] ?? 0)));
  const value = (i, key) => {
    const raw = items[i].parts[key] ?? 0;
    return asShare ? (totals[i] > 0 ? raw / totals[i] : 0) : raw;
  };
  const names = items.map((item) => item.name);
  const tooltip = (i) => {
    const colour = colours(keys);
    const rows = keys.filter((key) => (items[i].parts[key] ?? 0) > 0).map((key) =>
      [colour[key], words(key), `${format(items[i].parts[key])} · ${percent(items[i].parts[key] / totals[i])}`]);
    return tip(`${names[i]}: ${format(totals[i])}`, rows);
  };
  const option = () => {
    const colour = colours(keys);
    return {
      grid: grid({ bottom: names.length > crowded ? 30 : 4 }),
      legend: { data: keys.map((key) => words(key)) },
      tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' }, formatter: (points) => tooltip(points[0].dataIndex) },
      dataZoom: zoom(names),
      xAxis: categoryAxis(names),
      yAxis: { type: 'value', max: asShare ? 1 : null, name: asShare ? null : unit, nameLocation: 'end', nameGap: 6, axisLabel: { formatter: asShare ? percent : format } },
      series: keys.map((key) => ({
        name: words(key), type: 'bar', stack: 'all', barMaxWidth: 56, barCategoryGap: names.length > 40 ? '12%' : '30%',
        itemStyle: { color: colour[key] }, data: names.map((_, i) => value(i, key)),
      })),
    };
  };
  const figure = chart({
    label, height, option,
    points: () => names.map((_, i) => ({ seriesIndex: 0, dataIndex: i })),
    data: () => table(['', ...keys.map(words), 'total'],
      items.map((item, i) => [item.name, ...keys.map((key) => format(item.parts[key] ?? 0)), format(totals[i])]), label),
  });
  if (!shares) return figure;
  const choose = choice('Show', [['absolute', 'Absolute'], ['share', 'Share']], asShare ? 'share' : 'absolute', (chosen) => {
    asShare = chosen === 'share';
    figure.redraw();
  });
  const box = h('div', {}, choose, figure);
  return box;
}
