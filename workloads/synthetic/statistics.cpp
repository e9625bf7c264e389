#include "workloads/synthetic/statistics.h"

#include <vector>

#include "arch/parameter.h"
#include "common/data_dir.h"
#include "common/file.h"
#include "common/text/suggest.h"
#include "common/text/yaml.h"

namespace rebasis::synthetic {
namespace {

const std::vector<std::string> activation_kinds{"image",  "relu", "relu_sum", "max_pool",
                                                "vector", "pool", "swish",    "linear"};
const std::vector<std::string> weight_kinds{"conv", "pointwise", "depthwise", "fc"};

arch::ParameterSet<ActivationStatistics> activation_keys() {
  using S = ActivationStatistics;
  constexpr double most_correlated = 0.999, most_spread = 5, least = 1e-4;
  arch::ParameterSet<S> p;
  p.real("zero", &S::zero, 0, 0, 0.999, "", "Share of zeros.", "measured");
  p.real("negative", &S::negative, 0, 0, 0.999, "", "Share of negative values.", "measured");
  p.real("mean", &S::mean, 0.1, least, 1, "", "Mean positive magnitude.", "measured");
  p.real("deviation", &S::deviation, 1, 0.05, most_spread, "", "Deviation over mean.", "measured");
  p.real("negative_mean", &S::negative_mean, 0.1, least, 1, "", "Mean negative magnitude.", "measured");
  p.real("negative_deviation", &S::negative_deviation, 1, 0.05, most_spread, "", "Deviation over mean.", "measured");
  p.real("channel", &S::channel, 0, 0, most_correlated, "", "Variance common to a channel.", "measured");
  p.real("vertical", &S::vertical, 0, 0, most_correlated, "", "Correlation of vertical neighbours.", "measured");
  p.real("horizontal", &S::horizontal, 0, 0, most_correlated, "", "Correlation of horizontal neighbours.", "measured");
  p.require({"zero", "negative"}, "zeros and negative values must leave room for positive ones",
            [](const S& s) { return s.zero + s.negative < 1; });
  return p;
}

arch::ParameterSet<WeightStatistics> weight_keys() {
  using S = WeightStatistics;
  arch::ParameterSet<S> p;
  p.real("shape", &S::shape, 2, 0.2, 20, "", "Exponent of the generalised normal distribution.", "measured");
  p.real("variance", &S::variance, 2, 1e-6, 1e6, "", "Mean square times fan-in.", "measured");
  p.real("filter_spread", &S::filter_spread, 0, 0, 3, "", "Spread of filter scales.", "measured");
  return p;
}

/// The member `section` of the file: one map a kind, all of `kinds`.
template <class Values>
std::map<std::string, Values> read_kinds(const YAML::Node& root, const std::string& file, const std::string& section,
                                         const std::vector<std::string>& kinds,
                                         const arch::ParameterSet<Values>& keys) {
  const YAML::Node map = root[section];
  if (!map.IsMap()) fail_input({file, 1}, in_quotes(section) + " must be a map of kinds: " + joined(kinds));
  std::map<std::string, Values> found;
  for (const auto& pair : map) {
    const std::string kind = pair.first.Scalar();
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
      fail_unknown_name(location_of(pair.first, file), "kind", kind, kinds);
    if (!pair.second.IsMap()) fail_input(location_of(pair.first, file), "a kind is a map of statistics");
    found[kind] = keys.resolve(arch::RawConfig::from_map(pair.second, file));
  }
  for (const std::string& kind : kinds) {
    if (!found.contains(kind)) fail_input(location_of(map, file), in_quotes(section) + " lacks the kind " + kind);
  }
  return found;
}

bool is_view(const graph::Node& node) {
  return node.op == "Flatten" || node.op == "Reshape" || node.op == "Transpose" || node.op == "Squeeze" ||
         node.op == "Gather" || node.op == "Resize" || node.op == "Concat" || node.op == "LRN";
}

/// Whether a value has no spatial extent.
bool is_vector(const graph::Graph& graph, const std::string& value) {
  const Shape& shape = graph.shapes.at(value);
  return shape.size() == 2 || (shape.size() == 4 && shape[2] == 1 && shape[3] == 1);
}

std::string kind_of(const graph::Graph& graph, const std::string& value) {
  const graph::Node* const node = graph.producer(value);
  if (node == nullptr) return "image";
  const std::string& source = node->inputs.at(0);
  if (node->op == "Relu" || node->op == "Clip") {
    if (is_vector(graph, value)) return "vector";
    const graph::Node* const before = graph.producer(source);
    return before != nullptr && before->op == "Add" ? "relu_sum" : "relu";
  }
  if (is_view(*node)) return kind_of(graph, source);
  if (node->op == "MaxPool") {
    const std::string inner = kind_of(graph, source);
    return inner == "relu" || inner == "relu_sum" ? "max_pool" : inner;
  }
  if (node->op == "GlobalAveragePool" || node->op == "AveragePool") {
    const std::string inner = kind_of(graph, source);
    return inner == "linear" || inner == "image" ? inner : "pool";
  }
  if (node->op == "HardSwish") return "swish";
  if (node->op == "Mul") {  // swish, gelu, or a gate behind one of them
    const std::string inner = kind_of(graph, source);
    return inner == "linear" ? "swish" : inner;
  }
  return "linear";
}

}  // namespace

Statistics load_statistics(const std::string& path) {
  Statistics statistics;
  statistics.file = path;
  statistics.text = read_file(path);
  const YAML::Node root = parse_yaml(statistics.text, path);
  if (!root.IsMap()) fail_input({path, 1}, "statistics are a map; write activations: and weights:");
  for (const auto& pair : root) {
    const std::string key = pair.first.Scalar();
    if (key != "activations" && key != "weights")
      fail_input(location_of(pair.first, path), "unknown key " + in_quotes(key) + "; known: activations, weights");
  }
  statistics.activations = read_kinds(root, path, "activations", activation_kinds, activation_keys());
  statistics.weights = read_kinds(root, path, "weights", weight_kinds, weight_keys());
  return statistics;
}

Statistics shipped_statistics() { return load_statistics(data_path("workloads/statistics/measured.yaml")); }

std::string activation_kind(const graph::Graph& graph, const graph::WeightLayer& layer) {
  return kind_of(graph, layer.input);
}

std::string weight_kind(const graph::WeightLayer& layer) {
  if (layer.op == "fc") return "fc";
  if (layer.shape.depthwise()) return "depthwise";
  return layer.shape.R == 1 && layer.shape.S == 1 ? "pointwise" : "conv";
}

}  // namespace rebasis::synthetic
