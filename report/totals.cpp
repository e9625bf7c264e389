#include "report/totals.h"

#include <algorithm>

namespace rebasis::report {
namespace {

void accumulate(std::map<std::string, double>& sum, const std::map<std::string, double>& part) {
  for (const auto& [name, value] : part) sum[name] += value;
}

void add_layer(Figures& totals, const LayerFigures& layer) {
  totals.cycles += layer.cycles;
  totals.macs += layer.macs;
  totals.effective_macs += layer.effective_macs;
  totals.energy_pj += layer.energy_pj;
  totals.dram.weights += layer.dram.weights;
  totals.dram.basis += layer.dram.basis;
  totals.dram.index += layer.dram.index;
  totals.dram.inputs += layer.dram.inputs;
  totals.dram.outputs += layer.dram.outputs;
  totals.bound_cycles += layer.bound_cycles;
  totals.synthetic = totals.synthetic || layer.synthetic;
  totals.images = std::max(totals.images, layer.images);
  accumulate(totals.stalls, layer.stalls);
  accumulate(totals.actions, layer.actions);
  accumulate(totals.energy_by_component_pj, layer.energy_by_component_pj);
  for (const auto& [name, block] : layer.blocks) {
    BlockFigures& sum = totals.blocks[name];
    sum.instances = std::max(sum.instances, block.instances);
    accumulate(sum.causes, block.causes);
  }
  // Weighted by cycles here, divided by the total's cycles at the end: the number of lines and MACs is constant.
  totals.pe_utilisation += layer.pe_utilisation * layer.cycles;
  totals.mac_utilisation += layer.mac_utilisation * layer.cycles;
}

}  // namespace

void derive_rates(Figures& figures, double frequency_hz) {
  figures.time_s = figures.cycles / frequency_hz;
  const double operations = 2 * figures.macs;
  figures.effective_tops = figures.time_s > 0 ? operations / figures.time_s / 1e12 : 0;
  figures.tops_per_watt = figures.energy_pj > 0 ? operations / figures.energy_pj : 0;
}

Figures totals_of(const std::vector<const LayerFigures*>& layers, double frequency_hz) {
  Figures totals;
  for (const LayerFigures* layer : layers) add_layer(totals, *layer);
  if (totals.cycles > 0) {
    totals.pe_utilisation /= totals.cycles;
    totals.mac_utilisation /= totals.cycles;
  }
  derive_rates(totals, frequency_hz);
  return totals;
}

}  // namespace rebasis::report
