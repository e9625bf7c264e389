#include "workloads/layer_list/layer_list.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/error.h"
#include "common/json.h"
#include "common/sha256.h"
#include "common/text/yaml.h"
#include "workloads/layer_list/layer_entry.h"
#include "workloads/trace/layer_limits.h"

namespace rebasis::layer_list {
namespace {

void add_auxiliary(const YAML::Node& node, const std::string& list_path, Trace& trace) {
  const YamlMap map(node, list_path, "an auxiliary layer",
                    {"name", "op", "input_elements", "output_elements", "fused", "after"});
  trace::AuxiliaryInfo a;
  a.name = map.text("name");
  a.op = map.text("op");
  a.input_elements = map.integer("input_elements", 0, trace::max_elements);
  a.output_elements = map.integer("output_elements", 0, trace::max_elements);
  a.fused = map.boolean("fused", false);
  a.after = map.text("after", "");
  const auto& layers = trace.metadata.layers;
  const bool known =
      std::any_of(layers.begin(), layers.end(), [&](const auto& layer) { return layer.name == a.after; });
  if (!a.after.empty() && !known) map.fail("after", "'after' names no layer of the list");
  trace.metadata.auxiliary.push_back(a);
}

/// The user's own words: a map of texts.
nlohmann::json notes_of(const YamlMap& list, const std::string& list_path) {
  nlohmann::json notes = nlohmann::json::object();
  if (!list.has("provenance")) return notes;
  const YAML::Node map = list.node("provenance");
  if (!map.IsMap()) list.fail("provenance", "'provenance' must be a map of texts");
  for (const auto& member : map) {
    if (!member.second.IsScalar())
      fail_input(location_of(member.second, list_path), "'provenance' must be a map of texts");
    notes[member.first.Scalar()] = member.second.Scalar();
  }
  return notes;
}

}  // namespace

BuildReport build_trace(const std::string& list_path, const std::string& trace_path, const std::string& tool_version) {
  const YamlMap list(load_yaml(list_path), list_path, "the layer list",
                     {"network", "provenance", "layers", "auxiliary"});
  Trace trace;
  trace.metadata.network = list.text("network");
  const nlohmann::json notes = notes_of(list, list_path);
  TensorFiles files(std::filesystem::path(list_path).parent_path().string());
  const auto layers = list.list("layers");
  if (layers.empty()) list.fail("layers", "the list needs at least one layer under 'layers'");
  for (const YAML::Node& layer : layers) add_layer(layer, list_path, files, trace);
  for (const YAML::Node& auxiliary : list.list("auxiliary")) add_auxiliary(auxiliary, list_path, trace);

  trace.metadata.provenance = to_line({{"tool", "rebasis " + tool_version},
                                       {"layer_list", list_path},
                                       {"layer_list_sha256", sha256_of_file(list_path)},
                                       {"files_sha256", files.read_files()},
                                       {"quantised", trace.notes},
                                       {"notes", notes}});
  trace.writer.write(trace_path, trace.metadata);
  return {trace.metadata.layers.size(), trace.notes};
}

}  // namespace rebasis::layer_list
