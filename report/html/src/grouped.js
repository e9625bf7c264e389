// Groups of columns and lines over categories: one colour a variant, the same in every chart of a page.
import { chart, tip } from './chart.js';
import { table } from './dom.js';
import { digits, shortName } from './format.js';
import { crowded, grid, zoom } from './stacked.js';
import { ink, series } from './theme.js';

const times = (value) => (value == null ? '–' : `${digits(value)}×`);

function frame({ categories, variants, value, detail, log }, colour) {
  return {
    grid: grid({ top: 44, bottom: categories.length > crowded ? 30 : 4 }),
    legend: { data: variants },
    dataZoom: zoom(categories),
    tooltip: {
      trigger: 'axis', axisPointer: { type: 'shadow' },
      formatter: (points) => {
        const i = points[0].dataIndex;
        return tip(categories[i], variants.map((variant, v) => {
          const more = detail(v, i);
          return [colour[v], variant, value(v, i) == null ? more || 'no result' : `${times(value(v, i))}${more ? ` · ${more}` : ''}`];
        }));
      },
    },
    xAxis: { type: 'category', data: categories, splitLine: { show: false }, axisLabel: { rotate: categories.length > 12 ? 40 : 0, formatter: (name) => shortName(name, categories.length > 6 ? 20 : 36), hideOverlap: true } },
    yAxis: { type: log ? 'log' : 'value', axisLabel: { formatter: times } },
  };
}

const numbers = ({ label, categories, variants, value }) => () =>
  table(['', ...variants], categories.map((category, i) => [category, ...variants.map((_, v) => times(value(v, i)))]), label);

/**
 * `value(v, i)`: the ratio of variant v in category i, or null; `detail(v, i)`: what a tooltip adds. `log`: logarithmic
 * axis. `click(i)`: a category was chosen.
 */
export function groupedBars(data) {
  const { label, categories, variants, value, log = false, click, height = 280 } = data;
  const option = () => {
    const colour = series(variants.length);
    return {
      ...frame(data, colour),
      series: variants.map((variant, v) => ({
        name: variant, type: 'bar', barMaxWidth: 40, barGap: '8%', itemStyle: { color: colour[v] },
        data: categories.map((_, i) => ({ value: value(v, i), label: { position: log && value(v, i) < 1 ? 'bottom' : 'top' } })), ...(log ? { barMinHeight: 2 } : {}),
        label: { show: variants.length * categories.length <= 32, color: ink().text, fontSize: 11, formatter: (point) => (point.value == null ? '' : point.value < 0.1 ? `${digits(Number(point.value.toPrecision(2)))}×` : times(point.value)) },
      })),
    };
  };
  return chart({
    label, height, option, points: () => categories.map((_, i) => ({ seriesIndex: 0, dataIndex: i })), data: numbers(data),
    click: click && ((point) => click(point.dataIndex)),
  });
}

/** The same data as lines. */
export function lines(data) {
  const { label, categories, variants, value, height = 320 } = data;
  const option = () => {
    const colour = series(variants.length);
    return {
      ...frame(data, colour),
      series: variants.map((variant, v) => ({
        name: variant, type: 'line', symbolSize: 8, connectNulls: false, lineStyle: { color: colour[v], width: 2 }, itemStyle: { color: colour[v] },
        data: categories.map((_, i) => value(v, i)),
      })),
    };
  };
  return chart({ label, height, option, points: () => categories.map((_, i) => ({ seriesIndex: 0, dataIndex: i })), data: numbers(data) });
}
