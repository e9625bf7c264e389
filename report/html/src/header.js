// What was simulated on what, and who says so.
import { definitions, h } from './dom.js';
import { count, hertz } from './format.js';
import { patternSwitch } from './chart.js';
import { themeButton } from './theme.js';

const text = (value) => (typeof value === 'object' && value !== null ? JSON.stringify(value, null, 1) : String(value));

export function syntheticBanner(results) {
  const synthetic = results.filter((result) => result.totals.synthetic);
  if (synthetic.length === 0) return null;
  const layers = synthetic[0].layers.filter((layer) => layer.synthetic).length;
  const extent = results.length > 1 ? `${synthetic.length} of ${results.length} results` : `${layers} of ${synthetic[0].layers.length} layers`;
  return h('p', { class: 'synthetic', role: 'note' }, h('strong', {}, 'SYNTHETIC'),
    ` Weights or activations of ${extent} were made up, not trained or captured. Cycles, energy and traffic depend on them.`);
}

export function bar(title, subtitle) {
  return h('header', {}, h('div', {}, h('p', { class: 'brand' }, 'Rebasis'), h('h1', {}, title), h('p', { class: 'subtitle' }, subtitle)),
    h('div', { class: 'controls' }, patternSwitch(), themeButton(h)));
}

export const navigation = (entries) =>
  h('nav', { 'aria-label': 'Parts of the report' }, entries.map(([id, label]) => h('a', { href: `#${id}` }, label)));

export function notes(result) {
  const items = [...result.notes.map((note) => h('li', {}, note)),
    ...result.unsupported.map(({ layer, reason }) => h('li', {}, h('strong', {}, `${layer} was not simulated: `), reason))];
  return items.length ? h('ul', { class: 'notes' }, items) : null;
}

export const subtitle = (result) =>
  `${result.accelerator.fidelity} fidelity, ${hertz(result.accelerator.frequency_hz)}, DRAM ${result.accelerator.dram_model || 'not modelled'}, ` +
  `${result.layers.length} ${result.layers.length === 1 ? 'layer' : 'layers'}, ` +
  (result.totals.images === 1 ? '1 image' : `mean of ${count(result.totals.images)} images`);

export function origin(result) {
  const { provenance, accelerator } = result;
  const trace = typeof provenance.trace === 'object' && provenance.trace !== null ? Object.entries(provenance.trace) : [['text', provenance.trace]];
  return [
    h('details', {}, h('summary', {}, 'Where these numbers come from'), definitions([
      ['command', h('code', {}, provenance.command || '–')], ['accelerator', provenance.accelerator_file || accelerator.name], ['trace', provenance.trace_file || '–'], ['Rebasis', provenance.tool_version],
      ['run', `${provenance.time} on ${provenance.host}`], ['energy table', accelerator.energy_table || '–'],
      ...trace.map(([key, value]) => [`trace: ${key}`, h('code', { class: 'wrap' }, text(value))])])),
    h('details', {}, h('summary', {}, `Parameters of ${accelerator.name}`), definitions(Object.entries(accelerator.parameters))),
  ];
}
