#include "report/csv.h"

#include "report/csv_table.h"

namespace rebasis::report {
namespace {

void set_origin(CsvTable& table, const Document& result) {
  table.set_text("network", result.network);
  table.set_text("accelerator", result.accelerator.name);
  table.set_text("fidelity", result.accelerator.fidelity);
  table.set_text("dram_model", result.accelerator.dram_model);
}

void set_layer(CsvTable& table, const LayerFigures& layer) {
  table.set_text("layer", layer.name);
  table.set_text("op", layer.op);
  table.set_text("encoding", layer.encoding);
  const LayerShape& shape = layer.shape;
  const std::vector<std::pair<const char*, std::int64_t>> extents = {{"M", shape.M},
                                                                     {"C", shape.C},
                                                                     {"H", shape.H},
                                                                     {"W", shape.W},
                                                                     {"R", shape.R},
                                                                     {"S", shape.S},
                                                                     {"E", shape.E()},
                                                                     {"F", shape.F()},
                                                                     {"stride_h", shape.stride_h},
                                                                     {"stride_w", shape.stride_w},
                                                                     {"groups", shape.groups}};
  for (const auto& [name, value] : extents) table.set(name, static_cast<double>(value));
  set_scalars(table, layer);
  table.set_text("binding_bound", layer.binding_bound);
  std::string mapping;
  for (const auto& [key, value] : layer.mapping) mapping += (mapping.empty() ? "" : "; ") + key + "=" + value;
  table.set_text("mapping", mapping);
  set_spreads(table, layer);
  set_breakdowns(table, layer);
  for (const auto& [bound, cycles] : layer.bounds) table.set("bound_", bound, "", cycles, Lacking::blank);
  for (const auto& [name, value] : layer.statistics) table.set("statistic_", name, "", value, Lacking::blank);
}

}  // namespace

std::string layers_csv(const std::vector<Document>& results) {
  CsvTable table;
  for (const Document& result : results) {
    for (const LayerFigures& layer : result.layers) {
      table.start_row();
      set_origin(table, result);
      set_layer(table, layer);
    }
  }
  return table.text();
}

std::string totals_csv(const std::vector<Document>& results) {
  CsvTable table;
  for (const Document& result : results) {
    table.start_row();
    set_origin(table, result);
    table.set("layers", static_cast<double>(result.layers.size()));
    set_area(table, result.accelerator.area);
    set_scalars(table, result.totals);
    set_spreads(table, result.totals);
    set_breakdowns(table, result.totals);
  }
  return table.text();
}

}  // namespace rebasis::report
