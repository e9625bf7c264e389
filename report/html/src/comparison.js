// Accelerators on the same networks with the same memories: the layout of the SmartDeal paper's Fig. 8, 9 and 10, and
// what is behind each bar. Normalises from the absolute totals, so that the reader can choose another baseline.
import { choice, definitions, h, section, table } from './dom.js';
import { bytes, count, digits, dramTotal, geometricMean, hertz, joules, percent, rate, seconds, sum } from './format.js';
import { groupedBars, lines } from './grouped.js';
import { bar, navigation } from './header.js';
import { keysBySize, stackedColumns } from './stacked.js';

const names = (list) => list.map((item) => item.name);
const times = (value) => (value == null ? '–' : `${digits(value)}×`);
const metrics = {
  efficiency: { title: 'Energy efficiency', better: 'higher', of: (totals) => 1 / totals.energy_pj, show: (totals) => joules(totals.energy_pj) },
  dram: { title: 'DRAM accesses', better: 'lower', of: dramTotal, show: (totals) => bytes(dramTotal(totals)) },
  speed: { title: 'Speed-up', better: 'higher', of: (totals) => 1 / totals.time_s, show: (totals) => seconds(totals.time_s) },
};

class Model {
  constructor(data) {
    this.data = data;
    this.accelerators = names(data.accelerators);
    this.networks = data.networks;
    this.dram = data.drams[0].name;
    this.baseline = data.options.baseline;
    this.trafficBaseline = data.options.traffic_baseline;
    this.network = data.networks[0];
    this.log = false;
    this.entries = new Map(data.entries.map((entry) => [JSON.stringify([entry.network, entry.accelerator, entry.dram_model]), entry]));
  }

  entry(network, accelerator, dram = this.dram) { return this.entries.get(JSON.stringify([network, accelerator, dram])); }

  totals(network, accelerator, dram) { return this.entry(network, accelerator, dram)?.totals ?? null; }

  /** Relative to the baseline on the same network with the same memory. */
  ratio(metric, network, accelerator, dram) {
    const base = this.totals(network, metric === 'dram' ? this.trafficBaseline : this.baseline, dram);
    const totals = this.totals(network, accelerator, dram);
    const value = totals && base ? metrics[metric].of(totals) / metrics[metric].of(base) : null;
    return Number.isFinite(value) && value > 0 ? value : null;
  }

  mean(metric, accelerator, dram) { return geometricMean(this.networks.map((network) => this.ratio(metric, network, accelerator, dram))); }

  /** Why there is no bar. */
  reason(network, accelerator) {
    const entry = this.entry(network, accelerator);
    return !entry || entry.state === 'done' ? '' : `${entry.state}: ${entry.message}`;
  }
}

const redrawn = [];
/** Content that follows the choices of the reader. */
function live(render) {
  const box = h('div', {});
  const update = () => {
    box.replaceChildren(...[render()].flat().filter(Boolean));
    if (document.documentElement.dataset.ready) box.querySelectorAll('figure').forEach((figure) => figure.start());
  };
  redrawn.push(update);
  update();
  return box;
}
const changed = () => redrawn.forEach((update) => update());

function figure(model, metric, number) {
  const { title, better, show } = metrics[metric];
  const base = metric === 'dram' ? model.trafficBaseline : model.baseline;
  const mean = model.networks.length > 1;
  const categories = mean ? [...model.networks, 'geometric mean'] : model.networks;
  const label = `${title} over ${base}, ${model.dram}`;
  return h('div', { id: `figure-${metric}` }, h('h3', {}, `${title} over ${base} `, h('small', { class: 'note' }, `${better} is better; the layout of Fig. ${number}`)),
    groupedBars({
      label, categories, variants: model.accelerators, log: model.log,
      value: (v, i) => (i < model.networks.length ? model.ratio(metric, model.networks[i], model.accelerators[v]) : model.mean(metric, model.accelerators[v])),
      detail: (v, i) => {
        if (i >= model.networks.length) return model.mean(metric, model.accelerators[v]) == null ? 'not on every network' : '';
        const totals = model.totals(model.networks[i], model.accelerators[v]);
        return totals ? show(totals) : model.reason(model.networks[i], model.accelerators[v]);
      },
      click: (i) => {
        if (i >= model.networks.length) return;
        model.network = model.networks[i];
        changed();
        document.getElementById('behind').scrollIntoView({ behavior: 'smooth' });
      },
    }));
}

function controls(model) {
  const set = (key) => (value) => { model[key] = value; changed(); };
  return h('div', { class: 'choices' },
    choice('Memory', model.data.drams.map(({ name, peak_bytes_per_s: peak }) => [name, peak ? `${name} · ${rate(peak)}` : name]), model.dram, set('dram')),
    choice('Relative to', model.accelerators.map((name) => [name, name]), model.baseline, set('baseline')),
    choice('Axis', [['linear', 'Linear'], ['log', 'Logarithmic']], 'linear', (value) => { model.log = value === 'log'; changed(); }));
}

const perAccelerator = (model, part) => model.accelerators.flatMap((accelerator) => {
  const totals = model.totals(model.network, accelerator);
  return totals ? [{ name: accelerator, parts: part(totals, accelerator) }] : [];
});

function behind(model) {
  const clock = (name) => model.data.accelerators.find((accelerator) => accelerator.name === name).frequency_hz;
  const scaledBy = (parts, factor) => Object.fromEntries(Object.entries(parts).map(([key, value]) => [key, value * factor]));
  const drawing = (title, part, format) => {
    const items = perAccelerator(model, part);
    const keys = keysBySize(items, (item) => item.parts).sort((a, b) => (b === 'busy') - (a === 'busy'));
    if (items.length === 0) return h('p', { class: 'note' }, 'No accelerator has a result.');
    // Beside a column a hundred times as high, shares are all that can be read of the others.
    const sums = items.map((item) => sum(Object.values(item.parts)));
    const share = Math.max(...sums) > 8 * Math.min(...sums);
    return h('div', {}, h('h3', {}, title), stackedColumns({ label: `${title}: ${model.network}, ${model.dram}`, items, keys, format, shares: true, startWithShares: share }));
  };
  return [
    model.networks.length > 1 ? choice('Network', model.networks.map((name) => [name, name]), model.network, (name) => { model.network = name; changed(); }) : null,
    drawing('Energy by component', (totals) => totals.energy_by_component_pj, joules),
    drawing('Time by cause', (totals, name) => scaledBy(totals.stalls, 1 / clock(name)), seconds),
    drawing('DRAM bytes by tensor', (totals) => totals.dram_bytes, bytes),
  ];
}

/** Memories from slow to fast; those without a rate last. */
const byBandwidth = (drams) => [...drams].sort((a, b) => (a.peak_bytes_per_s ?? Infinity) - (b.peak_bytes_per_s ?? Infinity));

const range = (values) => (values.length === 1 ? times(values[0]) : `${times(Math.min(...values))} to ${times(Math.max(...values))}`);

/** In words: with which memories each accelerator is ahead of the baseline. */
function disappearing(model, drams) {
  const overall = (accelerator, dram) => model.mean('speed', accelerator, dram);
  const items = model.accelerators.filter((name) => name !== model.baseline).flatMap((name) => {
    const known = drams.filter(({ name: dram }) => overall(name, dram) != null);
    if (known.length === 0) return [];
    const behindOn = known.filter(({ name: dram }) => overall(name, dram) <= 1);
    const where = behindOn.map(({ name: dram }) => `${dram} (${times(overall(name, dram))})`).join(', ');
    const text = behindOn.length === 0 ? `is faster than ${model.baseline} with every memory: ${range(known.map(({ name: dram }) => overall(name, dram)))}.`
      : behindOn.length === known.length ? `is not faster than ${model.baseline} with any memory: ${range(known.map(({ name: dram }) => overall(name, dram)))}.`
        : `is faster than ${model.baseline}, but not with ${where}.`;
    return [h('li', {}, h('strong', {}, name), ` ${text}`)];
  });
  return items.length ? h('ul', { class: 'notes' }, items) : null;
}

function fastest(model, drams) {
  const best = drams.flatMap(({ name: dram }) => {
    const known = model.accelerators.filter((name) => model.mean('speed', name, dram) != null);
    const [first] = known.sort((a, b) => model.mean('speed', b, dram) - model.mean('speed', a, dram));
    return first ? [`${dram}: ${first}`] : [];
  });
  return best.length ? h('p', {}, h('strong', {}, 'Fastest with '), best.join('; '), '.') : null;
}

function bandwidth(model) {
  const drams = byBandwidth(model.data.drams);
  const categories = drams.map(({ name, peak_bytes_per_s: peak }) => (peak ? `${name}, ${rate(peak)}` : name));
  const drawing = (metric) => lines({
    label: `${metrics[metric].title} over ${model.baseline} and the memory`, categories, variants: model.accelerators, log: model.log,
    value: (v, i) => model.mean(metric, model.accelerators[v], drams[i].name), detail: () => '',
  });
  const extent = model.networks.length > 1 ? ', geometric mean over the networks' : '';
  const varies = model.accelerators.some((name) => {
    const values = drams.map((dram) => model.mean('efficiency', name, dram.name)).filter((value) => value != null);
    return values.length > 1 && Math.max(...values) > 1.005 * Math.min(...values);
  });
  return [h('h3', {}, `Speed-up over ${model.baseline}${extent}`), drawing('speed'), fastest(model, drams), disappearing(model, drams),
    varies ? h('h3', {}, `Energy efficiency over ${model.baseline}${extent}`) : h('p', { class: 'note' }, 'Energy efficiency is the same with each memory: the energy table has one price for a byte of DRAM, and no accelerator moves other bytes.'),
    varies ? drawing('efficiency') : null];
}

function layers(model) {
  const base = model.entry(model.network, model.baseline);
  const counted = (base?.layers ?? []).filter((layer) => layer.counted && layer.macs > 0 && layer.time_s > 0);
  if (counted.length === 0) return h('p', { class: 'note' }, `${model.baseline} has no result on ${model.network}.`);
  const time = (accelerator) => new Map((model.entry(model.network, accelerator)?.layers ?? []).map((layer) => [layer.name, layer.time_s]));
  const byAccelerator = model.accelerators.map(time);
  return lines({
    label: `Speed-up of each layer over ${model.baseline}: ${model.network}, ${model.dram}`, categories: names(counted), variants: model.accelerators, log: model.log, height: 360,
    value: (v, i) => { const own = byAccelerator[v].get(counted[i].name); return own > 0 ? counted[i].time_s / own : null; },
    detail: (v, i) => { const own = byAccelerator[v].get(counted[i].name); return own > 0 ? seconds(own) : ''; },
  });
}

function numbers(model) {
  const rows = model.networks.flatMap((network) => model.accelerators.map((accelerator) => {
    const entry = model.entry(network, accelerator);
    const name = [network, accelerator];
    if (!entry?.totals) return [...name, entry?.state ?? 'not run', ...Array(10).fill('–')];
    const { totals } = entry;
    return [...name, totals.synthetic ? 'SYNTHETIC' : 'done', seconds(totals.time_s), times(model.ratio('speed', network, accelerator)), count(totals.cycles),
      joules(totals.energy_pj), times(model.ratio('efficiency', network, accelerator)), bytes(dramTotal(totals)), times(model.ratio('dram', network, accelerator)),
      digits(totals.effective_tops), digits(totals.tops_per_watt), percent(totals.pe_utilisation)];
  }));
  return h('div', { class: 'scroll tall', tabindex: '0' }, table(['network', 'accelerator', '', 'time', 'speed-up', 'cycles', 'energy', 'efficiency', 'DRAM', 'DRAM rel.', 'TOPS', 'TOPS/W', 'PE busy'], rows, null, 3));
}

function inputs({ traces, accelerators }) {
  const users = (trace) => accelerators.filter(({ recipes }) => recipes.includes(trace.recipe)).map(({ name }) => name).join(', ');
  const accuracy = (trace) => (trace.accuracy_after != null ? percent(trace.accuracy_after) : trace.output_error != null ? `output error ${percent(trace.output_error)}` : '–');
  return h('div', { class: 'scroll', tabindex: '0' }, table(['network', 'recipe', 'run by', 'weights', 'top-1 before', 'top-1 after', 'images', 'parameters', 'in 32 bits', 'rate', 'zeros'],
    traces.map((trace) => [trace.network, trace.recipe || '–', users(trace), trace.synthetic ? 'SYNTHETIC' : 'trained', trace.accuracy_before != null ? percent(trace.accuracy_before) : '–', accuracy(trace),
      trace.accuracy_images != null ? count(trace.accuracy_images) : '–', bytes(trace.parameter_bytes), bytes(trace.fp32_bytes), `${digits(trace.compression_rate)}×`, percent(trace.sparsity)]), null, 4));
}

function resources({ accelerators }) {
  return [h('div', { class: 'scroll', tabindex: '0' }, table(['accelerator', 'ran', 'energy table', 'fidelity', 'clock', 'MACs a cycle, peak', 'area'],
    accelerators.map((one) => [one.name, one.recipes.join(', ') || '–', one.energy_table || '–', one.fidelity || '–', one.frequency_hz > 0 ? hertz(one.frequency_hz) : '–', one.peak_macs_per_cycle > 0 ? count(one.peak_macs_per_cycle) : '–', one.area ? `${digits(one.area.total_mm2)} mm²` : '–']), null, 4)),
  ...accelerators.map((one) => h('details', {}, h('summary', {}, `Parameters of ${one.name}`), definitions(Object.entries(one.parameters))))];
}

function leftOut({ left_out: layers, options }) {
  if (layers.length === 0) return h('p', { class: 'note' }, 'Every layer counts for every accelerator.');
  return [options.include_fc ? null : h('p', { class: 'note' }, 'Fully connected layers are left out as in the paper (rebasis compare --include-fc counts them).'),
    h('div', { class: 'scroll', tabindex: '0' }, table(['network', 'layer', 'because of', 'reason'], layers.map((layer) => [layer.network, layer.layer, layer.accelerator || 'all', layer.reason]), null, 4))];
}

function failures({ entries }) {
  const failed = entries.filter((entry) => entry.state !== 'done');
  if (failed.length === 0) return null;
  return h('div', { class: 'synthetic failures', role: 'note' }, h('strong', {}, `${failed.length} of ${entries.length} runs have no result`),
    h('ul', {}, failed.map((entry) => h('li', {}, h('strong', {}, `${entry.accelerator} on ${entry.network}, ${entry.dram_model}: ${entry.state}. `), entry.message))));
}

export function comparison(data) {
  const model = new Model(data);
  const { provenance } = data;
  const several = (list, one, many) => `${list.length} ${list.length === 1 ? one : many}`;
  return [
    bar('Comparison', `${several(data.accelerators, 'accelerator', 'accelerators')}, ${several(data.networks, 'network', 'networks')}, ${several(data.drams, 'memory', 'memories')}`),
    data.synthetic ? h('p', { class: 'synthetic', role: 'note' }, h('strong', {}, 'SYNTHETIC'), ' Weights or activations were made up, not trained or captured. Cycles, energy and traffic depend on them.') : null,
    failures(data),
    navigation([['figures', 'Figures'], ['behind', 'Behind the bars'], ['bandwidth', 'Bandwidth'], ['layers', 'Layers'], ['numbers', 'Numbers'], ['inputs', 'Inputs'], ['left-out', 'Left out'], ['accelerators', 'Accelerators'], ['origin', 'Origin']]),
    section('figures', 'Energy, DRAM accesses, speed', 'The same network, images, memory and layers for all; each accelerator with the compression that it was made for, its own clock and its own best mapping. A click on a network’s bars opens it below.',
      controls(model), live(() => [figure(model, 'efficiency', 8), figure(model, 'dram', 9), figure(model, 'speed', 10)])),
    section('behind', 'Behind the bars', 'Where the energy, the time and the DRAM bytes of each accelerator go, with the memory chosen above. Causes: each moment of an average PE line has exactly one.', live(() => behind(model))),
    section('bandwidth', 'At which bandwidth an advantage disappears', 'The same figures with each memory, from slow to fast. Where a line crosses 1×, the accelerator is no better than the baseline.', live(() => bandwidth(model))),
    section('layers', 'Layer by layer', 'Where the speed-up comes from: each layer that counts, without the operators between them, with the network and the memory chosen above.', live(() => layers(model))),
    section('numbers', 'Numbers', 'Of the layers that count; means over the images of a trace. Ratios are relative to the baselines above.', live(() => numbers(model))),
    section('inputs', 'What each accelerator runs', 'The compressed networks. Parameters are the bytes in the trace; accuracies are of the compressed network as its activations are quantised. A pruned trace holds its zeros: what an accelerator moves of them is in the DRAM bytes above.', inputs(data)),
    section('left-out', 'Left out', 'Layers that no total counts: one accelerator cannot run them, or a rule leaves them out for all.', leftOut(data)),
    section('accelerators', 'Accelerators', null, ...resources(data)),
    section('origin', 'Where these numbers come from', null, data.notes.length ? h('ul', { class: 'notes' }, data.notes.map((note) => h('li', {}, note))) : null,
      definitions([['command', h('code', {}, provenance.command)], ['Rebasis', provenance.tool_version], ['run', `${provenance.time} on ${provenance.host}`]]),
      h('details', {}, h('summary', {}, `The ${several(provenance.commands, 'command', 'commands')} behind it`), h('ol', {}, provenance.commands.map((command) => h('li', {}, h('code', {}, command)))))),
  ];
}
