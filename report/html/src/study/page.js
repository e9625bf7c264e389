// The page of a design-space study: linked charts over all its points.
import { definitions, h, section } from '../dom.js';
import { count, percent } from '../format.js';
import { themeButton } from '../theme.js';
import { decode, done, statuses } from './data.js';
import { detail, quoted } from './detail.js';
import { exportCsv } from './export.js';
import { filterPanel } from './filters.js';
import { frontTable } from './front_table.js';
import { heatMap } from './heat.js';
import { comparisonTable, hypervolume, sensitivity } from './analysis.js';
import { parallel } from './parallel.js';
import { legend, scatter } from './scatter.js';
import { selection } from './selection.js';

const direction = (objective) => (objective.better > 0 ? 'most' : 'least');

function header(data) {
  const { study } = data;
  const facts = [`${count(data.count)} points`, `strategy ${study.strategy}`, study.accelerator && `accelerator ${study.accelerator}`,
    study.workloads.length && `on ${study.workloads.join(', ')}`].filter(Boolean).join(' · ');
  return [
    h('header', {},
      h('div', {}, h('p', { class: 'brand' }, 'Rebasis · design-space study'), h('h1', {}, study.name),
        study.description ? h('p', { class: 'lead' }, study.description) : null,
        h('p', { class: 'subtitle' }, facts),
        h('p', { class: 'subtitle' }, `Wanted: ${data.objectives.map((objective) => `${direction(objective)} ${objective.name}`).join(', ')}`
          + ([...study.constraints, ...study.where].length ? ` · subject to ${[...study.constraints, ...study.where].join('; ')}` : ''))),
      h('div', { class: 'controls' }, themeButton(h))),
    study.synthetic ? h('p', { class: 'synthetic', role: 'note' }, h('strong', {}, 'SYNTHETIC'), ' – weights or activations of the workloads are made up; the figures are not those of a trained network.') : null,
  ];
}

function tiles(data, state) {
  const of = (status) => data.status.reduce((sum, value) => sum + (value === status), 0);
  const rest = statuses.map((name, i) => [name, i === done ? 0 : of(i)]).filter(([, n]) => n > 0).map(([name, n]) => `${count(n)} ${name}`).join(', ');
  const tile = (term, value, small) => h('div', { class: 'figure' }, h('dt', {}, term), h('dd', {}, value, small ? h('small', {}, small) : null));
  const best = data.objectives.map((objective, k) => (data.best[k] == null ? null
    : tile(`${direction(objective)} ${objective.name}`, objective.text(data.best[k]), h('button', { type: 'button', class: 'link', onclick: () => state.present(data.best[k]) }, `point ${data.ids[data.best[k]]}`))));
  return h('dl', { class: 'figures' }, tile('points done', count(of(done)), rest || 'all of them'), tile('on the Pareto front', count(data.front.length), data.front.length ? `hypervolume ${percent(data.volume.value)} of its box` : null), ...best.filter(Boolean));
}

const selectOf = (label, variables, current, change, none) => h('label', { class: 'pick' }, label, h('select', { onchange: (event) => change(event.target.value === '' ? null : variables[event.target.value]) },
  none ? h('option', { value: '', selected: current === null }, none) : null, variables.map((variable, i) => h('option', { value: i, selected: variable === current }, variable.label))));

const check = (label, checked, change, disabled) => h('label', { class: 'switch' }, h('input', { type: 'checkbox', checked, disabled, onchange: (event) => change(event.target.checked) }), label);

/** How many points are within the filters, which statuses count, and what to do with them; stays on screen. */
function toolbar(data, state) {
  const shown = h('output', { class: 'shown', id: 'shown' });
  const clear = h('button', { type: 'button', class: 'small', onclick: () => state.clear() }, 'Clear filters');
  const update = () => {
    shown.textContent = `${count(state.visibleCount)} of ${count(state.baseCount)} points within the filters`;
    clear.disabled = state.filters.size === 0;
  };
  const status = statuses.map((name, i) => [name, i, data.status.includes(i)]).filter(([, , any]) => any).map(([name, i]) => check(name, state.statuses.has(i), (on) => {
    state.statuses[on ? 'add' : 'delete'](i);
    state.refilter();
  }));
  const breaking = data.admissible.some((value, i) => value === 0 && data.status[i] === done);
  update();
  state.on('points', update);
  return h('div', { class: 'toolbar', role: 'group', 'aria-label': 'Points shown' }, shown, clear,
    h('button', { type: 'button', class: 'small', id: 'export', onclick: () => exportCsv(data, state) }, 'Selection as CSV'), h('span', { class: 'gap' }), ...status,
    breaking ? check('only those that meet the constraints', state.admissibleOnly, (on) => { state.admissibleOnly = on; state.refilter(); }) : null);
}

/** The axes of the parallel coordinates: dimensions and objectives at first. */
function axisChooser(data, state, view) {
  const all = [...data.settings.filter((setting) => setting.levels > 1), ...data.shownMetrics];
  return h('details', { class: 'chooser' }, h('summary', {}, 'Axes'), h('div', { class: 'switches' }, all.map((variable) => check(variable.label, view.axes.includes(variable), (on) => {
    view.axes = all.filter((other) => (other === variable ? on : view.axes.includes(other)));
    state.restyle();
  }))));
}

function explorer(data, state, view) {
  const points = scatter(data, state, view);
  const lines = parallel(data, state, view);
  const ramp = legend(view);
  const metrics = data.shownMetrics;
  const colours = [...metrics, ...data.dimensions];
  const logs = h('span', { class: 'logs' });
  const drawLogs = () => logs.replaceChildren(...[['log x', view.x], ['log y', view.y]].map(([label, variable]) => check(label, variable.log, (on) => {
    variable.log = on;
    variable.rescale();
    state.restyle();
  }, !(variable.low > 0))));
  const pick = (key) => (variable) => { view[key] = variable; drawLogs(); ramp.draw(); state.restyle(); };
  drawLogs();
  const element = h('section', { id: 'explorer', 'aria-label': 'Explorer' },
    h('div', { class: 'picks' }, selectOf('x', metrics, view.x, pick('x')), selectOf('y', metrics, view.y, pick('y')), selectOf('colour', colours, view.colour, pick('colour'), 'one colour'), logs, ramp.element),
    h('div', { class: 'explore' }, h('div', { class: 'charted' }, points.element), detail(data, state)),
    h('p', { class: 'note' }, 'Drag over the scatter, or along an axis below, to filter both; double click, or click the axis, to take the filter away. The line is the front of the two metrics among the points shown; outlined points are on the study’s front.'
      + (data.compare ? ` Crosses are the front of ${data.compare.name} (${data.compare.store}).` : '')),
    h('div', { class: 'charted' }, lines.element), axisChooser(data, state, view));
  return { element, draw: () => { points.redraw(); lines.redraw(); } };
}

function about(data) {
  const { study } = data;
  const entries = [['store', study.store], ['replay a point', `rebasis sweep --point ID ${quoted(study.store)}`], ['strategy', `${study.strategy}, seed ${study.seed}`],
    ['accelerator', study.accelerator], ['recipe', study.recipe], ['workloads', `${study.workloads.join(', ')} (${study.aggregate} over them)`],
    ['constraints', study.constraints.join('; ')], ['shown where', study.where.join('; ')], ['fixed', Object.entries(study.set).map((pair) => pair.join(' = ')).join(', ')],
    ['dimensions', data.settings.filter((setting) => setting.dimension).map((setting) => `${setting.name} (${setting.levels} values)`).join(', ')]];
  return section('origin', 'About the study', null, definitions(entries.filter(([, value]) => value)));
}

function nothingToDraw(data) {
  return section('explorer', 'No point is done yet', 'Nothing can be drawn before a point has figures. The reasons of those that are not done:',
    h('ul', {}, data.reasons.filter(Boolean).slice(0, 50).map((reason) => h('li', {}, reason))));
}

const main = document.getElementById('report');
const ready = () => { document.documentElement.dataset.ready = 'true'; };

/** Draws the linked charts at once and the rest of the page behind the first frame. */
function studyPage(raw) {
  const data = decode(raw);
  const state = selection(data);
  main.classList.add('wide');
  if (raw.study.synthetic) document.documentElement.dataset.synthetic = 'true';
  main.append(...header(data).filter(Boolean), tiles(data, state));
  if (!data.shownMetrics.length) {
    main.append(nothingToDraw(data), about(data));
    return ready();
  }
  const shown = data.objectives.filter((objective) => !objective.empty);
  const [x, y] = [...shown, ...data.shownMetrics.filter((metric) => !shown.includes(metric))];
  const view = { x, y: y ?? x, colour: shown[2] ?? data.dimensions[0] ?? null, axes: [...data.dimensions, ...shown] };
  const explore = explorer(data, state, view);
  main.append(toolbar(data, state), explore.element);
  explore.draw();
  return requestAnimationFrame(() => setTimeout(() => {
    performance.mark('first-draw');  // the frame with the charts is on the screen
    const rest = [filterPanel(data, state), frontTable(data, state), heatMap(data, state), sensitivity(data), hypervolume(data), comparisonTable(data), about(data)].filter(Boolean);
    main.append(...rest);
    const linked = /^#point-(\d+)$/.exec(location.hash);  // page.html#point-17 opens with that point
    if (linked) state.choose(data.ids.indexOf(Number(linked[1])));
    ready();
  }));
}

studyPage(JSON.parse(document.getElementById('study').textContent));
