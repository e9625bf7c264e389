// Horizontal bars: a total by component, a ranking of layers, a comparison of results.
import { chart, tip } from './chart.js';
import { table } from './dom.js';
import { percent, shortName, sum } from './format.js';
import { ink } from './theme.js';

/** `items()`: [{name, value, colour, note}], the longest first. `whole`: what 100 % is (the sum unless given). */
export function horizontalBars({ label, items, format, rows, whole }) {
  const total = (list) => whole ?? sum(list.map((item) => item.value));
  const option = () => {
    const list = items();
    const colour = ink();
    const all = total(list);
    return {
      grid: { left: 4, right: 110, top: 4, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: {
        trigger: 'item',
        formatter: (point) => tip(list[point.dataIndex].name, [[list[point.dataIndex].colour, '', `${format(list[point.dataIndex].value)} · ${percent(list[point.dataIndex].value / all)}`], ...(list[point.dataIndex].notes ?? []).map(([name, text]) => [null, name, text])]),
      },
      xAxis: { type: 'value', show: false },
      yAxis: { type: 'category', inverse: true, data: list.map((item) => item.name), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { formatter: (name) => shortName(name, 28), color: colour.text } },
      series: [{
        type: 'bar', barMaxWidth: 22, data: list.map((item) => ({ value: item.value, itemStyle: { color: item.colour } })),
        label: { show: true, position: 'right', color: colour.text, formatter: (point) => `${format(list[point.dataIndex].value)}  ${percent(list[point.dataIndex].value / all)}` },
      }],
    };
  };
  return chart({
    label, height: Math.max(90, 26 * rows + 14), option,
    points: () => items().map((_, i) => ({ seriesIndex: 0, dataIndex: i })),
    data: () => table(['', 'value', 'share'], items().map((item) => [item.name, format(item.value), percent(item.value / total(items()))]), label),
  });
}
