#include "report/comparison.h"
#include "report/json_figures.h"

namespace rebasis::report {
namespace {

Json optional_number(const std::optional<double>& value) { return value ? number(*value) : Json(nullptr); }

Json normalised_json(const Normalised& figures) {
  return {{"energy_efficiency", optional_number(figures.energy_efficiency)},
          {"dram_accesses", optional_number(figures.dram_accesses)},
          {"speed_up", optional_number(figures.speed_up)}};
}

Json provenance_json(const Comparison& comparison) {
  const Provenance& provenance = comparison.provenance;
  return {{"tool_version", provenance.tool_version},
          {"time", provenance.time},
          {"host", provenance.host},
          {"command", provenance.command},
          {"commands", comparison.commands}};
}

Json accelerator_json(const ComparedAccelerator& accelerator) {
  const AcceleratorFigures& figures = accelerator.figures;
  Json means = Json::object();
  for (const auto& [dram, mean] : accelerator.means) means[dram] = normalised_json(mean);
  Json out = {{"name", figures.name},
              {"recipes", accelerator.recipes},
              {"fidelity", figures.fidelity},
              {"frequency_hz", number(figures.frequency_hz)},
              {"peak_macs_per_cycle", number(figures.peak_macs_per_cycle)},
              {"energy_table", figures.energy_table},
              {"parameters", strings(figures.parameters)},
              {"geometric_mean", means}};
  if (!figures.area.items.empty()) out["area"] = area_json(figures.area);
  return out;
}

Json trace_json(const ComparedTrace& trace) {
  return {{"name", trace.name},
          {"network", trace.network},
          {"recipe", trace.recipe},
          {"synthetic", trace.synthetic},
          {"images", number(trace.images)},
          {"accuracy_images", optional_number(trace.accuracy_images)},
          {"accuracy_before", optional_number(trace.accuracy_before)},
          {"accuracy_after", optional_number(trace.accuracy_after)},
          {"output_error", optional_number(trace.output_error)},
          {"parameter_bytes", number(trace.bytes)},
          {"fp32_bytes", number(trace.fp32_bytes)},
          {"compression_rate", number(trace.bytes > 0 ? trace.fp32_bytes / trace.bytes : 0)},
          {"sparsity", number(trace.sparsity)}};
}

Json entry_json(const ComparisonEntry& entry) {
  Json out = {{"network", entry.network},        {"accelerator", entry.accelerator},
              {"dram_model", entry.dram},        {"trace", entry.trace},
              {"state", to_string(entry.state)}, {"message", entry.message},
              {"result", entry.result_file},     {"normalised", normalised_json(entry.normalised)}};
  out["totals"] = nullptr;
  if (entry.state == RunState::done) {
    out["totals"] = Json::object();
    add_figures(out["totals"], entry.totals);
    out["totals"].erase("blocks");  // in the result
  }
  out["layers"] = Json::array();
  for (const ComparedLayer& layer : entry.layers) {
    out["layers"].push_back({{"name", layer.name},
                             {"op", layer.op},
                             {"counted", layer.counted},
                             {"macs", number(layer.macs)},
                             {"time_s", number(layer.time_s)},
                             {"energy_pj", number(layer.energy_pj)},
                             {"dram_bytes", number(layer.dram_bytes)}});
  }
  return out;
}

}  // namespace

std::string to_json(const Comparison& comparison) {
  Json out;
  out["schema"] = {{"name", comparison_schema_name}, {"version", comparison_schema_version}};
  out["provenance"] = provenance_json(comparison);
  out["synthetic"] = comparison.synthetic;
  out["options"] = {{"baseline", comparison.options.baseline},
                    {"traffic_baseline", comparison.options.traffic_baseline},
                    {"include_fc", comparison.options.include_fc},
                    {"include_operators", comparison.options.include_operators}};
  out["networks"] = comparison.networks;
  out["drams"] = Json::array();
  for (const ComparedDram& dram : comparison.drams)
    out["drams"].push_back({{"name", dram.name}, {"peak_bytes_per_s", optional_number(dram.bytes_per_s)}});
  for (const char* list : {"accelerators", "traces", "entries", "left_out"}) out[list] = Json::array();
  for (const ComparedAccelerator& one : comparison.accelerators) out["accelerators"].push_back(accelerator_json(one));
  for (const ComparedTrace& trace : comparison.traces) out["traces"].push_back(trace_json(trace));
  for (const ComparisonEntry& entry : comparison.entries) out["entries"].push_back(entry_json(entry));
  for (const LeftOut& layer : comparison.left_out) {
    out["left_out"].push_back({{"network", layer.network},
                               {"layer", layer.layer},
                               {"accelerator", layer.accelerator},
                               {"reason", layer.reason}});
  }
  out["notes"] = comparison.notes;
  return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace rebasis::report
