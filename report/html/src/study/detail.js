// The chosen point: its configuration, figures, where energy and cycles went, and the command that runs it again.
import { definitions, h } from '../dom.js';
import { count, digits, joules, percent, sum } from '../format.js';
import { colours } from '../theme.js';
import { statuses } from './data.js';

/** A word of a command line as a shell needs it. */
export const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

export const replay = (data, row) => `rebasis sweep --point ${data.ids[row]} ${quoted(data.study.store)}`;

/** A name that may break behind its dots and underscores. */
const breakable = (name) => h('span', {}, name.split(/(?<=[._])/).flatMap((part) => [part, h('wbr')]));

/** Names with bars in proportion. `entries`: [name, value, text]. */
function bars(title, entries) {
  const most = Math.max(...entries.map(([, value]) => value), 1e-300);
  const colour = colours(entries.map(([name]) => name));
  return [h('h4', {}, title), h('div', { class: 'bars' }, entries.map(([name, value, text]) => [
    h('span', { title: name }, name), h('i', { style: `width:${value / most * 100}%;background:${colour[name]}` }), h('span', { class: 'n' }, text)]).flat())];
}

function layerTable({ layers, workloads }, rows) {
  const total = sum(rows.map(([, , , energy]) => energy));
  const cells = rows.map(([workload, layer, cycles, energy, dram]) => [workloads.length > 1 ? `${workloads[workload]} · ${layers[layer]}` : layers[layer],
    count(Math.round(cycles)), joules(energy), percent(energy / total), count(Math.round(dram))]);
  return h('details', {}, h('summary', {}, `Layers (${rows.length})`), h('div', { class: 'scroll', tabindex: '0' }, h('table', {},
    h('thead', {}, h('tr', {}, ['layer', 'cycles', 'energy', 'share', 'DRAM bytes'].map((name, i) => h('th', { scope: 'col', class: i ? 'n' : null }, name)))),
    h('tbody', {}, cells.map((row) => h('tr', {}, row.map((cell, i) => h('td', { class: i ? 'n' : null }, cell))))))));
}

function breakdown(data, row) {
  const breakdowns = data.breakdowns();
  const stored = breakdowns.points[row];
  if (!stored) {
    const any = Object.keys(breakdowns.points).length;
    return any ? [h('p', { class: 'note' }, `The page holds the breakdown of ${count(any)} points, those of the front first; the command above gives this one's.`)] : [];
  }
  const energy = stored.energy.map(([component, value]) => [breakdowns.components[component], value, joules(value)]).sort((a, b) => b[1] - a[1]);
  const byWorkload = new Map();
  for (const [workload, , , value] of stored.layers) byWorkload.set(breakdowns.workloads[workload], (byWorkload.get(breakdowns.workloads[workload]) ?? 0) + value);
  return [
    ...(energy.length ? bars('Energy by component', energy) : []),
    ...(byWorkload.size > 1 ? bars('Energy by workload', [...byWorkload].map(([name, value]) => [name, value, joules(value)])) : []),
    ...(stored.layers.length ? [layerTable(breakdowns, stored.layers)] : []),
  ];
}

function copyButton(text) {
  const button = h('button', { type: 'button', class: 'small', onclick: async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Select it and copy';  // a page from a disk may not be allowed to
    }
  } }, 'Copy');
  return button;
}

export function detail(data, state) {
  const element = h('aside', { class: 'detail', id: 'detail', 'aria-live': 'polite', 'aria-label': 'The chosen point' });
  const empty = () => [h('h3', {}, 'No point is chosen'), h('p', { class: 'note' }, 'Click a point or a line, press Enter on a point of the front, or choose a row of the table below: its configuration, breakdown and replay command appear here.')];
  function draw() {
    const row = state.chosen;
    if (row < 0) return element.replaceChildren(...empty());
    const status = statuses[data.status[row]];
    const marks = [data.onFront[row] ? 'on the Pareto front' : null, status === 'done' && !data.admissible[row] ? 'breaks a constraint' : null].filter(Boolean);
    const metrics = data.metrics.filter((metric) => !Number.isNaN(metric.values[row]));
    return element.replaceChildren(
      h('h3', {}, `Point ${data.ids[row]} `, h('small', {}, [status, ...marks].join(', '))),
      ...(data.reasons[data.reason[row]] ? [h('p', { class: 'note' }, data.reasons[data.reason[row]])] : []),
      h('p', { class: 'replay' }, h('code', {}, replay(data, row)), copyButton(replay(data, row))),
      h('div', { class: 'columns' },
        h('div', {}, h('h4', {}, 'Configuration'), definitions(data.settings.filter((setting) => setting.codes[row] !== setting.none).map((setting) => [breakable(setting.name), setting.text(row)]))),
        h('div', {}, h('h4', {}, 'Figures'), definitions([...metrics.map((metric) => [breakable(metric.name), metric.text(row)]), ['simulated in', `${digits(data.seconds[row])} s`]]))),
      ...breakdown(data, row));
  }
  let drawn = -2;
  const update = () => {
    if (state.chosen === drawn) return;
    drawn = state.chosen;
    draw();
  };
  update();
  state.on('chosen', update);
  return element;
}
