// The table of layers: sorts by any column, filters by text, opens to the layer's mapping, bounds and statistics.
import { definitions, h } from './dom.js';
import { bytes, count, digits, dramTotal, joules, percent, seconds, shape, short, words } from './format.js';

const largestStall = (layer) => Object.entries(layer.stalls).filter(([cause]) => cause !== 'busy').sort((a, b) => b[1] - a[1])[0] ?? ['', 0];

/** [heading, value to sort by, text, is a number] */
function columns(result) {
  const cycles = result.totals.cycles;
  return [
    ['#', (layer) => layer.index, (layer) => String(layer.index + 1), true],
    ['layer', (layer) => layer.name, (layer) => layer.name + (layer.synthetic ? ' (SYNTHETIC)' : ''), false],
    ['operation', (layer) => `${layer.op} ${layer.encoding}`, (layer) => [layer.op, layer.encoding].filter((text) => text && text !== 'none').join(', '), false],
    ['shape', (layer) => layer.shape.M * layer.shape.C, (layer) => (layer.macs > 0 ? shape(layer.shape) : '–'), false],
    ['time', (layer) => layer.time_s, (layer) => seconds(layer.time_s), true],
    ['share', (layer) => layer.cycles, (layer) => percent(layer.cycles / cycles), true],
    ['cycles', (layer) => layer.cycles, (layer) => count(layer.cycles), true],
    ['bound', (layer) => layer.bound_cycles / layer.cycles, (layer) => percent(layer.bound_cycles / layer.cycles), true],
    ['binding', (layer) => layer.binding_bound, (layer) => words(layer.binding_bound || '–'), false],
    ['main stall', (layer) => largestStall(layer)[1] / layer.cycles, (layer) => (largestStall(layer)[1] > 0 ? `${words(largestStall(layer)[0])} ${percent(largestStall(layer)[1] / layer.cycles)}` : '–'), false],
    ['PE lines', (layer) => layer.pe_utilisation, (layer) => percent(layer.pe_utilisation), true],
    ['MACs busy', (layer) => layer.mac_utilisation, (layer) => percent(layer.mac_utilisation), true],
    ['energy', (layer) => layer.energy_pj, (layer) => joules(layer.energy_pj), true],
    ['DRAM', dramTotal, (layer) => bytes(dramTotal(layer)), true],
    ['MACs', (layer) => layer.macs, (layer) => short(layer.macs), true],
    ['TOPS', (layer) => layer.effective_tops, (layer) => digits(layer.effective_tops), true],
    ['TOPS/W', (layer) => layer.tops_per_watt, (layer) => digits(layer.tops_per_watt), true],
  ];
}

function details(layer) {
  const part = (title, entries) => (entries.length ? h('div', {}, h('h4', {}, title), definitions(entries)) : null);
  const list = (object, format) => Object.entries(object).map(([name, value]) => [words(name), format(value)]);
  return h('div', { class: 'more' },
    part('Mapping', list(layer.mapping, String)),
    part('Lower bounds, cycles', list(layer.bounds, count)),
    part('Cycles by cause', list(layer.stalls, count)),
    part('DRAM bytes', list(layer.dram_bytes, count)),
    part('Energy', Object.entries(layer.energy_by_component_pj).map(([name, value]) => [name, joules(value)])),
    part('Actions', Object.entries(layer.actions).map(([name, value]) => [name, count(value)])),
    part('Statistics', list(layer.statistics, digits)));
}

const compare = (a, b) => (typeof a === 'string' ? a.localeCompare(b, 'en', { numeric: true }) : (Number.isNaN(a) ? -1 : a) - (Number.isNaN(b) ? -1 : b));

export function layerTable(result) {
  const layers = result.layers.map((layer, index) => ({ ...layer, index }));
  const cols = columns(result);
  const body = h('tbody', {});
  const headings = [];
  let sorted = 0;
  let descending = false;
  let filter = '';

  const row = (layer) => {
    const id = `layer-${layer.index}`;
    const button = h('button', { type: 'button', 'aria-expanded': 'false', 'aria-controls': id, class: 'open' }, layer.name);
    if (layer.synthetic) button.append(h('em', { class: 'tag' }, 'SYNTHETIC'));
    const more = h('tr', { id, hidden: true }, h('td', { colspan: String(cols.length) }));
    button.addEventListener('click', () => {
      more.hidden = !more.hidden;
      button.setAttribute('aria-expanded', String(!more.hidden));
      if (!more.firstChild.firstChild) more.firstChild.append(details(layer));
    });
    return [h('tr', {}, cols.map(([name, , text, number]) => (name === 'layer'
      ? h('th', { scope: 'row' }, button) : h('td', { class: number ? 'n' : null }, text(layer))))), more];
  };

  const show = () => {
    const [, key] = cols[sorted];
    const visible = layers.filter((layer) => `${layer.name} ${layer.op} ${layer.encoding} ${layer.binding_bound}`.toLowerCase().includes(filter));
    visible.sort((a, b) => (descending ? -1 : 1) * compare(key(a), key(b)) || a.index - b.index);
    body.replaceChildren(...visible.flatMap(row));
    headings.forEach((heading, i) => heading.setAttribute('aria-sort', i === sorted ? (descending ? 'descending' : 'ascending') : 'none'));
    status.textContent = filter ? `${visible.length} of ${layers.length} layers` : '';
  };
  const sortBy = (i) => {
    descending = i === sorted ? !descending : cols[i][3] && i > 0;
    sorted = i;
    show();
  };
  cols.forEach(([name, , , number], i) => headings.push(h('th', { scope: 'col', class: number ? 'n' : null },
    h('button', { type: 'button', onclick: () => sortBy(i) }, name))));
  const status = h('span', { role: 'status', class: 'note' });
  const search = h('label', { class: 'search' }, 'Filter ', h('input', { type: 'search', oninput: (event) => { filter = event.target.value.toLowerCase(); show(); } }));
  show();
  return h('div', {}, h('p', {}, search, ' ', status),
    h('div', { class: 'scroll tall', tabindex: '0', role: 'region', 'aria-label': 'Table of layers' },
      h('table', { class: 'layers' }, h('thead', {}, h('tr', {}, headings)), body)));
}
