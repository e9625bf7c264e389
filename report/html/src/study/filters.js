// The filters as form controls: what brushes do, by keyboard and exactly.
import { h, section } from '../dom.js';
import { interval } from './selection.js';

const steps = 1000;
const fewValues = 16;

/** A check box a value. */
function valueBoxes(variable, state) {
  const boxes = variable.texts.map((text, code) => h('input', {
    type: 'checkbox', checked: true, onchange: (event) => {
      const filter = state.filters.get(variable) ?? new Uint8Array(variable.levels).fill(1);
      filter[code] = event.target.checked ? 1 : 0;
      state.filter([[variable, filter.includes(0) ? filter : null]]);
    },
  }));
  const update = () => { const filter = state.filters.get(variable); boxes.forEach((box, code) => { box.checked = !filter || filter[code] === 1; }); };
  return [h('div', { class: 'values' }, boxes.map((box, code) => h('label', {}, box, h('span', {}, variable.texts[code])))), update];
}

/** Two sliders, least and most. */
function range(variable, state) {
  const out = h('output', {});
  const slider = (name, value) => h('input', { type: 'range', min: 0, max: steps, value, 'aria-label': `${variable.label}, ${name}`, oninput: () => change() });
  const low = slider('least', 0);
  const high = slider('most', steps);
  const last = variable.levels - 1;
  const change = () => {
    const [from, to] = [low.value / steps, high.value / steps].sort((a, b) => a - b);
    if (from <= 0 && to >= 1) return state.filter([[variable, null]]);
    if (variable.kind === 'setting') return state.filter([[variable, Uint8Array.from({ length: variable.levels }, (_, code) => (code >= Math.round(from * last) && code <= Math.round(to * last) ? 1 : 0))]]);
    return state.filter([[variable, { low: from <= 0 ? -Infinity : variable.value(from), high: to >= 1 ? Infinity : variable.value(to) }]]);
  };
  const text = (at) => (variable.kind === 'setting' ? variable.texts[Math.round(at * last)] : variable.format(variable.value(at)));
  const update = () => {
    const kept = interval(variable, state.filters.get(variable)) ?? [0, 1];
    if (document.activeElement !== low) low.value = kept[0] * steps;
    if (document.activeElement !== high) high.value = kept[1] * steps;
    out.textContent = `${text(Math.max(0, kept[0]))} – ${text(Math.min(1, kept[1]))}`;
  };
  return [h('div', { class: 'range' }, low, high, out), update];
}

export function filterPanel(data, state) {
  const variables = [...data.settings.filter((setting) => setting.levels > 1), ...data.shownMetrics.filter((metric) => metric.high > metric.low)];
  const updates = [];
  const cards = variables.map((variable) => {
    const [control, update] = variable.kind === 'setting' && variable.levels <= fewValues ? valueBoxes(variable, state) : range(variable, state);
    const card = h('fieldset', { class: 'filter' }, h('legend', {}, variable.label), control);
    updates.push(() => {
      card.classList.toggle('active', state.filters.has(variable));
      update();
    });
    return card;
  });
  const all = () => updates.forEach((update) => update());
  all();
  state.on('settled', all);
  state.on('look', all);
  return section('filters', 'Filters', 'They hold in every chart of the page.', h('div', { class: 'filters' }, cards));
}
