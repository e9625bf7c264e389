// A metric over two parameters: the best, or the mean, of the points within the filters.
import { h, section } from '../dom.js';
import { onThemeChange } from '../theme.js';
import { colourMap, css } from './paint.js';

const most = 24;  // rows or columns; more values are put together

/** Cells of a setting: {of(row): cell or -1, names}. */
function cellsOf(setting) {
  const size = Math.ceil(setting.levels / most);
  const cells = Math.ceil(setting.levels / size);
  const names = Array.from({ length: cells }, (_, i) => {
    const [first, last] = [setting.texts[i * size], setting.texts[Math.min(setting.levels, (i + 1) * size) - 1]];
    return first === last ? first : `${first} – ${last}`;
  });
  return { of: (row) => (setting.codes[row] === setting.none ? -1 : Math.floor(setting.codes[row] / size)), names };
}

/** Rows of {value, points}; value NaN where there is no point. */
export function heat(x, y, metric, how, visible) {
  const grid = y.names.map(() => x.names.map(() => ({ value: NaN, points: 0, total: 0 })));
  for (let i = 0; i < visible.length; i++) {
    const value = metric.values[i];
    if (!visible[i] || value !== value || x.of(i) < 0 || y.of(i) < 0) continue;
    const cell = grid[y.of(i)][x.of(i)];
    cell.points++;
    cell.total += value;
    if (how === 'mean') cell.value = cell.total / cell.points;
    else if (!(metric.better > 0 ? cell.value >= value : cell.value <= value)) cell.value = value;
  }
  return grid;
}

function drawn(view, visible) {
  const [x, y] = [cellsOf(view.x), cellsOf(view.y)];
  const grid = heat(x, y, view.metric, view.how, visible);
  const values = grid.flat().map((cell) => cell.value).filter((value) => !Number.isNaN(value));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const log = low > 0 && high / low > 30;
  const place = (value) => (high > low ? (log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low)) : 0.5);
  const colours = colourMap();
  const extreme = view.metric.better > 0 ? high : low;
  const cell = ({ value, points }, i, j) => {
    if (Number.isNaN(value)) return h('td', { class: 'none', title: 'no point' });
    const colour = colours[Math.round(place(value) * 255)];
    const light = colour[0] * 0.3 + colour[1] * 0.59 + colour[2] * 0.11 > 140;
    return h('td', { class: value === extreme ? 'best' : null, style: `background:${css(colour)};color:${light ? '#111' : '#fff'}`, title: `${view.y.label} ${y.names[i]}, ${view.x.label} ${x.names[j]}: ${view.metric.format(value)} (${points} points)` }, view.metric.format(value));
  };
  // The second parameter grows upwards, as on an axis.
  const lines = grid.map((row, i) => h('tr', {}, h('th', { scope: 'row' }, y.names[i]), row.map((value, j) => cell(value, i, j)))).reverse();
  return h('table', { class: 'heat', 'aria-label': `${view.how} ${view.metric.label}; ${view.y.label} upwards, ${view.x.label} to the right` },
    h('tbody', {}, lines), h('tfoot', {}, h('tr', {}, h('th', {}, ''), x.names.map((name) => h('th', { scope: 'col' }, name)))));
}

export function heatMap(data, state) {
  const settings = data.settings.filter((setting) => setting.levels > 1);
  if (settings.length < 2) return null;
  const view = { x: settings[0], y: settings[1], metric: data.objectives.find((objective) => !objective.empty) ?? data.shownMetrics[0], how: 'best' };
  const place = h('div', { class: 'scroll', tabindex: '0' });
  const draw = () => place.replaceChildren(drawn(view, state.visible));
  const pick = (label, key, variables, text) => h('label', { class: 'pick' }, label, h('select', { id: `heat-${key}`, onchange: (event) => { view[key] = variables[event.target.value]; draw(); } },
    variables.map((variable, i) => h('option', { value: i, selected: variable === view[key] }, text(variable)))));
  const name = (variable) => variable.label;
  draw();
  state.on('settled', draw);
  onThemeChange(draw);
  return section('heat', 'Two parameters', 'Each cell stands for the points within the filters that have its two values, whatever their other parameters.',
    h('div', { class: 'picks' }, pick('right', 'x', settings, name), pick('up', 'y', settings, name), pick('metric', 'metric', data.shownMetrics, name), pick('of them', 'how', ['best', 'mean'], (how) => how)), place);
}
