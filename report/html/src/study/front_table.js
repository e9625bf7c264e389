// The points on the Pareto front, sortable; a row chooses its point.
import { h, section } from '../dom.js';
import { count } from '../format.js';

const most = 500;

export function frontTable(data, state) {
  const columns = [...data.objectives, ...data.dimensions, ...data.shownMetrics.filter((metric) => !data.objectives.includes(metric))];
  const sorting = { column: columns[0], down: data.objectives[0].better > 0 };
  let within = true;
  const note = h('p', { class: 'note' });
  const body = h('tbody', {});
  const key = (variable, row) => (variable === null ? data.ids[row] : variable.kind === 'setting' ? variable.codes[row] : variable.values[row]);
  const heads = [null, ...columns].map((variable) => h('th', { scope: 'col', class: 'n' }, h('button', { type: 'button', onclick: () => {
    sorting.down = sorting.column === variable ? !sorting.down : false;
    sorting.column = variable;
    fill();
  } }, variable === null ? 'point' : variable.label)));
  const open = (row) => h('button', { type: 'button', class: 'link', onclick: () => state.present(row) }, data.ids[row]);

  function fill() {
    const all = data.front.filter((row) => !within || state.visible[row]);
    const sign = sorting.down ? -1 : 1;
    const rows = [...all].sort((a, b) => sign * (key(sorting.column, a) - key(sorting.column, b)) || a - b).slice(0, most);
    heads.forEach((head, i) => head.setAttribute('aria-sort', [null, ...columns][i] !== sorting.column ? 'none' : sorting.down ? 'descending' : 'ascending'));
    body.replaceChildren(...rows.map((row) => h('tr', { 'data-row': row, class: row === state.chosen ? 'chosen' : null }, h('td', { class: 'n' }, open(row)), columns.map((variable) => h('td', { class: 'n' }, variable.text(row))))));
    note.textContent = `${count(all.length)} of ${count(data.front.length)} points of the front${within ? ' are within the filters' : ''}${all.length > most ? `; the table shows the first ${most}` : ''}.`;
  }
  fill();
  state.on('settled', () => { if (within) fill(); });
  state.on('chosen', () => body.querySelectorAll('tr').forEach((line) => line.classList.toggle('chosen', Number(line.dataset.row) === state.chosen)));
  const toggle = h('label', { class: 'switch' }, h('input', { type: 'checkbox', checked: true, onchange: (event) => { within = event.target.checked; fill(); } }), 'only within the filters');
  return section('front', 'Pareto front', 'Points that no other point, among those that meet the constraints, beats in every objective.', toggle, note,
    h('div', { class: 'scroll layers', tabindex: '0' }, h('table', {}, h('thead', {}, h('tr', {}, heads)), body)));
}
