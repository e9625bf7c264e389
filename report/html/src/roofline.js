// Roofline: what a layer reaches against what its DRAM traffic and the MAC array allow.
import { chart, tip } from './chart.js';
import { choice, h, table } from './dom.js';
import { bytes, count, digits, dramTotal, percent, words } from './format.js';
import { grid } from './stacked.js';
import { colours, ink } from './theme.js';

const work = { computed: (layer) => layer.effective_macs, dense: (layer) => layer.macs };

function pointsOf(layers, kind) {
  return layers.map((layer, index) => ({ layer, index, x: work[kind](layer) / dramTotal(layer), y: work[kind](layer) / layer.cycles }))
    .filter((point) => point.x > 0 && point.y > 0 && Number.isFinite(point.x) && Number.isFinite(point.y));
}

/** Whole decades around the values, so that the roofs' corner is in the picture. */
function range(values) {
  const logs = values.map(Math.log10);
  return [10 ** Math.floor(Math.min(...logs) - 0.05), 10 ** Math.ceil(Math.max(...logs) + 0.05)];
}

function frame(points, { peak, bandwidth }) {
  const ridge = peak > 0 && bandwidth > 0 ? [peak / bandwidth] : [];
  const x = range([...points.map((point) => point.x), ...ridge]);
  const y = range([...points.map((point) => point.y), ...(peak > 0 ? [peak] : [])]);
  return { x, y };
}

function roofs({ x, y }, { peak, bandwidth }) {
  const out = [];
  const ridge = bandwidth > 0 && peak > 0 ? peak / bandwidth : bandwidth > 0 ? y[1] / bandwidth : x[0];
  if (bandwidth > 0) out.push({ name: 'DRAM roof', line: [[Math.max(x[0], y[0] / bandwidth), bandwidth * Math.max(x[0], y[0] / bandwidth)], [ridge, bandwidth * ridge]] });
  if (peak > 0) out.push({ name: 'MAC roof', line: [[Math.max(ridge, x[0]), peak], [x[1], peak]] });
  return out;
}

export function roofline(result) {
  const { layers, accelerator, totals } = result;
  const limits = { peak: accelerator.peak_macs_per_cycle, bandwidth: accelerator.dram_bytes_per_cycle };
  let kind = 'computed';
  const size = (layer) => 7 + 22 * Math.sqrt(layer.cycles / totals.cycles);
  const bounds = [...new Set(layers.map((layer) => layer.binding_bound || 'none'))].sort();
  const describe = (point, colour) => tip(point.layer.name, [
    [colour, 'reached', `${digits(point.y)} MAC/cycle`], [null, 'intensity', `${digits(point.x)} MAC/byte`],
    [null, 'DRAM traffic', bytes(dramTotal(point.layer))], [null, 'cycles', `${count(point.layer.cycles)} · ${percent(point.layer.cycles / totals.cycles)}`],
    [null, 'binding bound', point.layer.binding_bound ? `${words(point.layer.binding_bound)}, ${percent(point.layer.bound_cycles / point.layer.cycles)} of the cycles` : '–']]);
  const option = () => {
    const points = pointsOf(layers, kind);
    if (points.length === 0) return { xAxis: { type: 'log' }, yAxis: { type: 'log' }, series: [] };
    const view = frame(points, limits);
    const colour = colours(bounds);
    const { text, muted } = ink();
    return {
      grid: grid({ top: 44, right: 20, bottom: 26 }),
      legend: { data: bounds.map((bound) => `bound by ${words(bound)}`), icon: 'circle' },
      tooltip: { trigger: 'item', formatter: (event) => (event.data.point ? describe(event.data.point, colour[event.data.point.layer.binding_bound || 'none']) : '') },
      xAxis: { type: 'log', min: view.x[0], max: view.x[1], name: 'MACs per byte of DRAM traffic', nameLocation: 'middle', nameGap: 28, axisLabel: { formatter: digits } },
      yAxis: { type: 'log', min: view.y[0], max: view.y[1], name: 'MACs per cycle', nameLocation: 'end', nameGap: 8, nameTextStyle: { align: 'left', color: muted }, axisLabel: { formatter: digits } },
      series: [
        ...roofs(view, limits).map((roof) => ({
          name: roof.name, type: 'line', data: roof.line, symbol: 'none', silent: true, lineStyle: { color: text, width: 2 },
          endLabel: { show: roof.name === 'MAC roof', formatter: `${roof.name}, ${digits(limits.peak)} MAC/cycle`, color: text, align: 'right', offset: [-8, -12] },
        })),
        ...bounds.map((bound) => ({
          name: `bound by ${words(bound)}`, type: 'scatter', itemStyle: { color: colour[bound], opacity: 0.8, borderColor: ink().surface, borderWidth: 1 },
          data: points.filter((point) => (point.layer.binding_bound || 'none') === bound).map((point) => ({ value: [point.x, point.y], symbolSize: size(point.layer), point })),
        })),
      ],
    };
  };
  const label = 'MACs per cycle against MACs per byte of DRAM traffic, one point a layer';
  const figure = chart({
    label, height: 420, option,
    points: () => option().series.flatMap((series, seriesIndex) => (series.type === 'scatter' ? series.data.map((_, dataIndex) => ({ seriesIndex, dataIndex })) : [])),
    data: () => table(['', 'MAC/byte', 'MAC/cycle', 'binding bound'], pointsOf(layers, kind).map((point) => [point.layer.name, digits(point.x), digits(point.y), words(point.layer.binding_bound || '–')]), label),
  });
  const hidden = layers.length - pointsOf(layers, kind).length;
  const missing = [limits.peak > 0 ? '' : 'The MAC roof is not known for this accelerator.', limits.bandwidth > 0 ? '' : 'The DRAM has no roof in this run.',
    hidden > 0 ? `${hidden} of ${layers.length} layers have no MACs or no DRAM traffic and are not shown.` : ''].filter(Boolean).join(' ');
  return h('div', {}, choice('MACs', [['computed', 'Computed'], ['dense', 'Dense equivalent']], kind, (chosen) => { kind = chosen; figure.redraw(); }),
    figure, missing ? h('p', { class: 'note' }, missing) : null);
}
