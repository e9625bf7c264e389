// The totals: one compact table of figures.
import { h } from './dom.js';
import { bytes, count, digits, dramTotal, joules, percent, seconds, short, watts } from './format.js';

function spreadText(spread, format) {
  return spread ? h('small', {}, `${format(spread.min)} to ${format(spread.max)}, σ ${format(spread.standard_deviation)}`) : null;
}

export function totalsTable({ totals, accelerator }) {
  const clock = accelerator.frequency_hz;
  const { spread } = totals;
  const dram = dramTotal(totals);
  const cell = (label, value, detail) => h('div', { class: 'figure' }, h('dt', {}, label), h('dd', {}, value, detail ? (detail instanceof Node ? detail : h('small', {}, detail)) : null));
  const perImage = totals.images > 1 ? ' an image' : '';
  return h('dl', { class: 'figures' },
    cell(`time${perImage}`, seconds(totals.time_s), spreadText(spread?.cycles, (cycles) => seconds(cycles / clock)) ?? `${digits(1 / totals.time_s)} images/s`),
    cell(`cycles${perImage}`, count(totals.cycles), totals.bound_cycles > 0 ? `lower bounds of the layers: ${percent(totals.bound_cycles / totals.cycles)}` : null),
    cell(`energy${perImage}`, joules(totals.energy_pj), spreadText(spread?.energy_pj, joules) ?? `${watts(totals.energy_pj * 1e-12 / totals.time_s)} on average`),
    cell(`DRAM traffic${perImage}`, bytes(dram), spreadText(spread?.dram_bytes, bytes) ?? `${bytes(dram / totals.time_s)}/s`),
    cell('throughput', `${digits(totals.effective_tops)} TOPS`, 'dense operations, skipped ones count'),
    cell('efficiency', `${digits(totals.tops_per_watt)} TOPS/W`, 'dense operations'),
    cell('MACs', short(totals.macs), `${percent(totals.effective_macs / totals.macs)} computed`),
    cell('utilisation', percent(totals.pe_utilisation), `of PE lines; ${percent(totals.mac_utilisation)} of MACs`));
}
