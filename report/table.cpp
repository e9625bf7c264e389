#include "report/table.h"

#include <algorithm>
#include <numeric>

#include "report/text_layout.h"
#include "report/units_text.h"

namespace rebasis::report {
namespace {

constexpr std::size_t name_width = 22;

std::string wait_of(const Figures& figures) {
  std::string cause = "-";
  double most = 0;
  for (const auto& [name, cycles] : figures.stalls) {
    if (name != "busy" && cycles > most) {
      most = cycles;
      cause = shortened(name, 10);
    }
  }
  return most > 0 ? cause + " " + percentage(most / figures.cycles) : cause;
}

std::string share(double part, double whole) { return whole > 0 ? percentage(part / whole) : "-"; }

std::string heading(const Document& result) {
  std::string out = shortened(result.network, 30) + " on " + shortened(result.accelerator.name, 22) + " (" +
                    shortened(result.accelerator.fidelity, 10) + ", " +
                    with_prefix(result.accelerator.frequency_hz, "Hz") + ")";
  if (result.totals.images > 1) out += ", mean of " + grouped(result.totals.images) + " images";
  return out + "\n";
}

std::string labels(const Document& result) {
  std::string out;
  if (result.totals.synthetic) {
    out += wrapped("SYNTHETIC: weights or activations of this result are made up, not trained or captured.", 98);
  }
  for (const std::string& note : result.notes) out += wrapped("Note: " + note, 98);
  for (const auto& [layer, reason] : result.unsupported) out += wrapped("Not simulated: " + layer + ": " + reason, 98);
  return out;
}

std::string spread_text(const std::optional<ImageSpread>& spread, Spread ImageSpread::*figure, double factor,
                        const char* unit) {
  if (!spread) return {};
  const Spread& values = (*spread).*figure;
  return "  (" + with_prefix(values.min * factor, unit) + " to " + with_prefix(values.max * factor, unit) + ")";
}

std::string totals_text(const Document& result) {
  const Figures& totals = result.totals;
  const double clock = result.accelerator.frequency_hz;
  std::string traffic;
  for (const auto& [tensor, bytes] : by_tensor(totals.dram)) {
    if (bytes > 0) traffic += (traffic.empty() ? "" : ", ") + tensor + " " + share(bytes, totals.dram.total());
  }
  std::string out;
  out += "  time     " + with_prefix(totals.time_s, "s") + "  " + grouped(totals.cycles) + " cycles" +
         spread_text(totals.spread, &ImageSpread::cycles, 1 / clock, "s") + "\n";
  out += "  energy   " + with_prefix(totals.energy_pj * 1e-12, "J") +
         spread_text(totals.spread, &ImageSpread::energy_pj, 1e-12, "J") + "\n";
  out += "  DRAM     " + with_prefix(totals.dram.total(), "B") +
         spread_text(totals.spread, &ImageSpread::dram_bytes, 1, "B");
  if (!traffic.empty()) out += (totals.spread ? "\n           " : "  ") + traffic;
  out += "\n";
  out += "  rates    " + three_digits(totals.effective_tops) + " TOPS, " + three_digits(totals.tops_per_watt) +
         " TOPS/W (dense operations)\n";
  if (const arch::AreaBreakdown& area = result.accelerator.area; !area.items.empty()) {
    out += "  area     " + square_millimetres(area) + "  logic " + share(area.logic_mm2, area.total_mm2()) + ", SRAM " +
           share(area.sram_mm2, area.total_mm2()) + "\n";
  }
  out += "  busy     PE lines " + percentage(totals.pe_utilisation) + ", MACs " + percentage(totals.mac_utilisation) +
         "; lower bound " + share(totals.bound_cycles, totals.cycles) + " of the cycles\n";
  return out;
}

Row layer_row(const LayerFigures& layer, const Figures& totals, bool mark) {
  return {shortened(layer.name, name_width) + (mark && layer.synthetic ? "*" : ""),
          with_prefix(layer.time_s, "s"),
          share(layer.cycles, totals.cycles),
          with_prefix(layer.energy_pj * 1e-12, "J"),
          with_prefix(layer.dram.total(), "B"),
          percentage(layer.pe_utilisation),
          layer.binding_bound.empty() ? "-" : shortened(layer.binding_bound, 11),
          wait_of(layer)};
}

std::string layers_text(const Document& result, std::size_t most_layers) {
  std::vector<std::size_t> order(result.layers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (order.size() > most_layers) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return result.layers[a].cycles > result.layers[b].cycles; });
    order.resize(most_layers);
    std::sort(order.begin(), order.end());
  }
  std::vector<Row> rows = {{"layer", "time", "share", "energy", "DRAM", "PE busy", "bound by", "waits most for"}};
  for (const std::size_t i : order) rows.push_back(layer_row(result.layers[i], result.totals, result.totals.synthetic));
  std::string out = aligned(rows);
  const std::size_t hidden = result.layers.size() - order.size();
  if (hidden > 0) out += "... and " + std::to_string(hidden) + " layers that take less time (--csv has all)\n";
  if (result.totals.synthetic) out += "* SYNTHETIC\n";
  return out;
}

const Document& baseline_of(const Document& result, const std::vector<Document>& results) {
  for (const Document& other : results) {
    if (other.network == result.network) return other;
  }
  return result;
}

}  // namespace

std::string to_table(const Document& result, std::size_t most_layers) {
  std::string out = heading(result) + labels(result) + totals_text(result);
  if (!result.layers.empty()) out += "\n" + layers_text(result, most_layers);
  return out;
}

std::string to_area_table(const Document& result) {
  const arch::AreaBreakdown& area = result.accelerator.area;
  if (area.items.empty()) return {};
  std::vector<Row> rows = {{"area of", "block", "instances", "NAND2", "mm2", "share"}};
  for (const arch::AreaItem& item : area.items) {
    rows.push_back({shortened(item.component, 34), shortened(item.block, 18),
                    grouped(static_cast<double>(item.instances)), item.nand2 > 0 ? grouped(item.nand2) : "-",
                    three_digits(item.mm2), share(item.mm2, area.total_mm2())});
  }
  std::string out = aligned(rows, 2);
  for (const std::string& note : area.notes) out += wrapped("Note: " + note, 98);
  return out;
}

std::string to_comparison_table(const std::vector<Document>& results) {
  if (results.empty()) return {};
  std::vector<Row> rows = {
      {"network", "accelerator", "DRAM model", "time", "", "energy", "", "DRAM", "", "TOPS/W", "area"}};
  bool synthetic = false;
  for (const Document& result : results) {
    const Figures& base = baseline_of(result, results).totals;
    const Figures& totals = result.totals;
    const auto ratio = [](double value, double reference) {
      return reference > 0 ? three_digits(value / reference) + "x" : std::string("-");
    };
    synthetic = synthetic || totals.synthetic;
    rows.push_back({shortened(result.network, 20) + (totals.synthetic ? "*" : ""),
                    shortened(result.accelerator.name, 16), shortened(result.accelerator.dram_model, 16),
                    with_prefix(totals.time_s, "s"), ratio(totals.time_s, base.time_s),
                    with_prefix(totals.energy_pj * 1e-12, "J"), ratio(totals.energy_pj, base.energy_pj),
                    with_prefix(totals.dram.total(), "B"), ratio(totals.dram.total(), base.dram.total()),
                    three_digits(totals.tops_per_watt), square_millimetres(result.accelerator.area)});
  }
  return aligned(rows, 3) +
         (synthetic ? "* SYNTHETIC: weights or activations are made up, not trained or captured.\n" : "");
}

}  // namespace rebasis::report
