// The report on one result.
import { horizontalBars } from './bars.js';
import { choice, h, section } from './dom.js';
import { bytes, count, digits, dramTotal, joules, seconds, short, words } from './format.js';
import { bar, navigation, notes, origin, subtitle, syntheticBanner } from './header.js';
import { layerTable } from './layers.js';
import { roofline } from './roofline.js';
import { keysBySize, stackedColumns } from './stacked.js';
import { colours } from './theme.js';
import { totalsTable } from './totals.js';

const perLayer = (result, part) => result.layers.map((layer) => ({ name: layer.name, parts: part(layer) }));

function energy(result) {
  const part = (layer) => layer.energy_by_component_pj;
  const keys = keysBySize([result.totals], part);
  return section('energy', 'Energy', 'Counts of actions times the energy table, by the component that acts: first the whole network, then layer by layer.',
    horizontalBars({
      label: 'Energy of the network by component', rows: keys.length, format: joules, whole: result.totals.energy_pj,
      items: () => keys.map((key) => ({ name: words(key), value: result.totals.energy_by_component_pj[key], colour: colours(keys)[key] })),
    }),
    stackedColumns({ label: 'Energy of each layer by component', items: perLayer(result, part), keys, format: joules, shares: true }));
}

/** Null for results without an area (of earlier versions). */
function area({ accelerator }) {
  if (!accelerator.area) return null;
  const { components, total_mm2: whole, sram_mm2: sram, notes: remarks } = accelerator.area;
  const shown = [...components].sort((a, b) => b.mm2 - a.mm2);
  return section('area', 'Area', `${digits(whole)} mm² at 28 nm, ${percent(sram / whole)} of it SRAM. SRAM macros from a CACTI sweep, logic from synthesised gates and a density of logic; no wires between blocks, clock tree or pads.`,
    horizontalBars({
      label: 'Area by component', rows: shown.length, format: (mm2) => `${digits(mm2)} mm²`, whole,
      items: () => shown.map(({ component, block, mm2, instances, nand2 }) => ({
        name: words(component), value: mm2, colour: colours(['mac', 'dram'])[block === 'sram' ? 'dram' : 'mac'],
        notes: [['block', block], ['instances', count(instances)], ['NAND2 equivalents', nand2 > 0 ? short(nand2) : '–']],
      })),
    }),
    remarks.length ? h('ul', { class: 'notes' }, remarks.map((remark) => h('li', {}, remark))) : null);
}

function stalls(result) {
  const part = (layer) => layer.stalls;
  const keys = keysBySize([result.totals], part).sort((a, b) => (b === 'busy') - (a === 'busy'));
  return section('stalls', 'Where the cycles go', 'Each cycle of an average PE line has exactly one cause: busy, or what it waits for. The causes of a layer sum to its cycles.',
    stackedColumns({ label: 'Cycles of each layer by cause', items: perLayer(result, part), keys, format: short, unit: 'cycles', shares: true, startWithShares: true }));
}

function traffic(result) {
  const part = (layer) => layer.dram_bytes;
  return section('dram', 'DRAM traffic', 'Bytes read and written off chip, by what they hold. Outputs include partial sums that did not fit on chip.',
    stackedColumns({ label: 'DRAM bytes of each layer by tensor', items: perLayer(result, part), keys: keysBySize([result.totals], part), format: bytes, shares: true }));
}

const metrics = {
  time: ['Time', (layer) => layer.time_s, seconds, 'busy'],
  energy: ['Energy', (layer) => layer.energy_pj, joules, 'mac'],
  dram: ['DRAM traffic', dramTotal, bytes, 'dram'],
};

function ranking(result) {
  const shown = Math.min(15, result.layers.length);
  let metric = 'time';
  const bars = () => {
    const [, value, format] = metrics[metric];
    return horizontalBars({
      label: `Layers with the largest ${metrics[metric][0]}`, rows: shown, format, whole: value(result.totals),
      items: () => [...result.layers].sort((a, b) => value(b) - value(a)).slice(0, shown).map((layer) => ({
        name: layer.name, value: value(layer), colour: colours([metrics[metric][3]])[metrics[metric][3]],
        notes: [['binding bound', words(layer.binding_bound || '–')], ['cycles', count(layer.cycles)]],
      })),
    });
  };
  const box = h('div', {}, bars());
  const choose = choice('By', Object.entries(metrics).map(([key, [label]]) => [key, label]), metric, (chosen) => {
    metric = chosen;
    box.replaceChildren(bars());
    box.firstChild.start();
  });
  return section('ranking', 'Most expensive layers', `The ${shown === result.layers.length ? '' : `${shown} `}layers that take most, with their share of the network: where an improvement pays.`, choose, box);
}

export function single(result) {
  return [
    bar(`${result.network || 'network'} on ${result.accelerator.name}`, subtitle(result)),
    syntheticBanner([result]), notes(result),
    totalsTable(result), ...origin(result),
    navigation([['energy', 'Energy'], ['stalls', 'Cycles'], ['roofline', 'Roofline'], ['dram', 'DRAM'], ...(result.accelerator.area ? [['area', 'Area']] : []), ['ranking', 'Ranking'], ['layers', 'Layers']]),
    energy(result), stalls(result),
    section('roofline', 'Roofline', 'A layer left of the corner is limited by DRAM, right of it by the MAC array; its distance below the roof is lost to the causes above. A point’s area is its share of the cycles. Dense-equivalent MACs count skipped ones, so they may pass the roof: that is what sparsity buys.', roofline(result)),
    traffic(result), area(result), ranking(result),
    section('layers', 'Layers', 'Headings sort; a layer’s name opens its mapping, bounds, causes and actions. “Bound” is the largest lower bound as a share of the cycles: 100 % cannot be improved without changing what binds.', layerTable(result)),
  ];
}
