#include <nlohmann/json.hpp>

#include "common/file.h"
#include "report/json.h"
#include "report/json_figures.h"

namespace rebasis::report {
namespace {

Json shape_json(const LayerShape& shape) {
  return {{"M", shape.M},
          {"C", shape.C},
          {"H", shape.H},
          {"W", shape.W},
          {"R", shape.R},
          {"S", shape.S},
          {"E", shape.E()},
          {"F", shape.F()},
          {"stride", {shape.stride_h, shape.stride_w}},
          {"dilation", {shape.dilation_h, shape.dilation_w}},
          {"padding", {shape.pad_top, shape.pad_left, shape.pad_bottom, shape.pad_right}},
          {"groups", shape.groups}};
}

Json layer_json(const LayerFigures& layer) {
  Json out = {{"name", layer.name}, {"op", layer.op}, {"encoding", layer.encoding}};
  out["shape"] = shape_json(layer.shape);
  add_figures(out, layer);
  out["mapping"] = strings(layer.mapping);
  out["bounds"] = Json::object();
  for (const auto& [name, cycles] : layer.bounds) out["bounds"][name] = number(cycles);
  out["binding_bound"] = layer.binding_bound;
  out["statistics"] = numbers(layer.statistics);
  return out;
}

Json provenance_json(const Provenance& provenance) {
  return {{"tool_version", provenance.tool_version},
          {"time", provenance.time},
          {"host", provenance.host},
          {"command", provenance.command},
          {"accelerator_file", provenance.accelerator_file},
          {"trace_file", provenance.trace_file},
          {"trace", Json::parse(provenance.trace)}};
}

Json accelerator_json(const AcceleratorFigures& accelerator) {
  Json out = {{"name", accelerator.name},
              {"fidelity", accelerator.fidelity},
              {"frequency_hz", number(accelerator.frequency_hz)},
              {"peak_macs_per_cycle", number(accelerator.peak_macs_per_cycle)},
              {"dram_bytes_per_cycle", number(accelerator.dram_bytes_per_cycle)},
              {"dram_model", accelerator.dram_model},
              {"energy_table", accelerator.energy_table},
              {"parameters", strings(accelerator.parameters)}};
  if (!accelerator.area.items.empty()) out["area"] = area_json(accelerator.area);
  return out;
}

}  // namespace

std::string to_json(const Document& document) {
  Json out;
  out["schema"] = {{"name", schema_name}, {"version", schema_version}};
  out["provenance"] = provenance_json(document.provenance);
  out["network"] = document.network;
  out["accelerator"] = accelerator_json(document.accelerator);
  out["notes"] = document.notes;
  out["unsupported"] = Json::array();
  for (const auto& [layer, reason] : document.unsupported)
    out["unsupported"].push_back({{"layer", layer}, {"reason", reason}});
  out["totals"] = Json::object();
  add_figures(out["totals"], document.totals);
  out["layers"] = Json::array();
  for (const LayerFigures& layer : document.layers) out["layers"].push_back(layer_json(layer));
  // Names and paths may hold bytes that are not UTF-8: they are replaced, the result is not lost.
  return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void write_result_json(const Document& document, const std::string& path) { write_file(path, to_json(document)); }

void write_result_json(const sim::Result& result, const std::string& path) {
  write_result_json(make_document(result), path);
}

}  // namespace rebasis::report
