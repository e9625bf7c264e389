// Several results side by side: accelerators x networks, each network normalised to the first accelerator.
import { h, section, table } from './dom.js';
import { bytes, digits, dramTotal, geometricMean, joules, percent, seconds, short } from './format.js';
import { groupedBars } from './grouped.js';
import { bar, navigation, notes, origin, subtitle, syntheticBanner } from './header.js';
import { keysBySize, stackedColumns } from './stacked.js';

const metrics = [
  ['time', 'Time', (result) => result.totals.time_s, seconds],
  ['energy', 'Energy', (result) => result.totals.energy_pj, joules],
  ['dram', 'DRAM traffic', (result) => dramTotal(result.totals), bytes],
];

/** Adds `variant` (a column of the comparison) and `label` to the results; two of one network never share a variant. */
function labelled(results) {
  const names = [
    (result) => result.accelerator.name,
    (result) => `${result.accelerator.name} (${result.accelerator.fidelity}, ${result.accelerator.dram_model})`,
    (result, i) => `${result.accelerator.name} (result ${i + 1})`,
  ];
  const unique = (name) => new Set(results.map((result, i) => `${result.network}\n${name(result, i)}`)).size === results.length;
  const name = names.find(unique) ?? names[2];
  const networks = new Set(results.map((result) => result.network));
  return results.map((result, i) => ({
    ...result, variant: name(result, i), label: networks.size > 1 ? `${result.network}, ${name(result, i)}` : name(result, i),
  }));
}

function model(results) {
  const all = labelled(results);
  const networks = [...new Set(all.map((result) => result.network))];
  const variants = [...new Set(all.map((result) => result.variant))];
  const find = (network, variant) => all.find((result) => result.network === network && result.variant === variant);
  const baseline = (network) => find(network, variants[0]) ?? all.find((result) => result.network === network);
  return { all, networks, variants, find, baseline };
}

/** ratios[variant][network or mean]; null where there is no result. */
function ratios({ networks, variants, find, baseline }, value) {
  const complete = networks.length > 1 && variants.every((variant) => networks.every((network) => find(network, variant)));
  const of = (network, variant) => {
    const result = find(network, variant);
    const base = value(baseline(network));
    return result && base > 0 ? value(result) / base : null;
  };
  const categories = complete ? [...networks, 'geometric mean'] : networks;
  const rows = variants.map((variant) => {
    const row = networks.map((network) => of(network, variant));
    return complete ? [...row, geometricMean(row)] : row;
  });
  return { categories, rows };
}

function normalised(data, [id, title, value, format]) {
  const { categories, rows } = ratios(data, value);
  const { variants, networks, find } = data;
  const label = `${title} relative to ${variants[0]}`;
  return h('div', { id: `compare-${id}` }, h('h3', {}, label), groupedBars({
    label, categories, variants, value: (v, i) => rows[v][i],
    detail: (v, i) => { const result = find(networks[i], variants[v]); return result ? format(value(result)) : ''; },
  }));
}

function totals({ all, baseline }) {
  const relative = (result, value) => {
    const base = baseline(result.network);
    return base === result || !(value(base) > 0) ? '' : ` (${digits(value(result) / value(base))}×)`;
  };
  const rows = all.map((result) => [
    `${result.label}${result.totals.synthetic ? ' (SYNTHETIC)' : ''}`,
    ...metrics.map(([, , value, format]) => `${format(value(result))}${relative(result, value)}`),
    digits(result.totals.effective_tops), digits(result.totals.tops_per_watt), percent(result.totals.pe_utilisation),
    percent(result.totals.bound_cycles / result.totals.cycles), result.accelerator.area ? `${digits(result.accelerator.area.total_mm2)} mm²` : '–']);
  return h('div', { class: 'scroll', tabindex: '0' },
    table(['', ...metrics.map(([, title]) => title), 'TOPS', 'TOPS/W', 'PE lines busy', 'bound', 'area'], rows));
}

function breakdown(data, id, title, explanation, part, format, unit, share) {
  const keys = keysBySize(data.all.map((result) => result.totals), part).sort((a, b) => (b === 'busy') - (a === 'busy'));
  const items = data.all.map((result) => ({ name: result.label, parts: part(result.totals) }));
  return section(id, title, explanation, stackedColumns({ label: title, items, keys, format, unit, shares: true, startWithShares: share }));
}

export function compareResults(results) {
  const data = model(results);
  const { all, networks, variants } = data;
  return [
    bar('Comparison', `${variants.length} accelerators or settings, ${networks.length} ${networks.length === 1 ? 'network' : 'networks'}, ${all.length} results`),
    syntheticBanner(all),
    navigation([['relative', 'Relative'], ['totals', 'Totals'], ['energy', 'Energy'], ['stalls', 'Cycles'], ['dram', 'DRAM'], ['origins', 'Origins']]),
    section('relative', 'Relative to the first', `Each network’s totals divided by those of ${variants[0]}${networks.every((network) => data.find(network, variants[0])) ? '' : ' (of its first result, where that has none)'}: lower is better.`,
      ...metrics.map((metric) => normalised(data, metric))),
    section('totals', 'Totals', 'Means over the images of a trace. In brackets: relative to the first. “Bound” is the sum of the layers’ lower bounds as a share of the cycles.', totals(data)),
    breakdown(data, 'energy', 'Energy by component', 'Counts of actions times the energy table.', (figures) => figures.energy_by_component_pj, joules, null, false),
    breakdown(data, 'stalls', 'Where the cycles go', 'Each cycle of an average PE line has exactly one cause.', (figures) => figures.stalls, short, 'cycles', true),
    breakdown(data, 'dram', 'DRAM traffic by tensor', 'Bytes read and written off chip, by what they hold.', (figures) => figures.dram_bytes, bytes, null, false),
    section('origins', 'Where these numbers come from', null, ...all.map((result) =>
      h('div', {}, h('h3', {}, `${result.network} on ${result.variant}`), h('p', { class: 'note' }, subtitle(result)), notes(result), ...origin(result)))),
  ];
}
