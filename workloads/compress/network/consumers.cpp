// Which layers read the channels of another: what channel pruning may zero without changing the network.
#include <set>
#include <string>

#include "workloads/compress/network/consumers.h"

namespace rebasis::compress {
namespace {

/// True when an all-zero channel of the first input stays an all-zero channel of the output, at the same place.
bool keeps_zero_channels(const graph::Graph& graph, const graph::Node& node) {
  static const std::set<std::string> always{"Relu",          "LeakyRelu", "MaxPool", "AveragePool", "GlobalAveragePool",
                                            "GlobalMaxPool", "Identity",  "Dropout", "HardSwish"};
  if (always.contains(node.op)) return true;
  if (node.op != "Clip") return false;
  const auto bound_allows = [&](std::size_t input, bool lower) {
    if (node.inputs.size() <= input || node.inputs[input].empty()) return true;
    if (!graph.is_constant(node.inputs[input])) return false;
    const auto& values = graph.float_constant(node.inputs[input]).values;
    return values.size() == 1 && (lower ? values[0] <= 0 : values[0] >= 0);
  };
  const bool by_attribute = node.real("min", 0) <= 0 && node.real("max", 0) >= 0;
  return by_attribute && bound_allows(1, true) && bound_allows(2, false);
}

/// Flattening [1][C][H][W] to [1][C * H * W] spreads a channel over a block of inputs.
bool flattens(const graph::Graph& graph, const graph::Node& node) {
  if (node.op != "Flatten" && node.op != "Reshape") return false;
  const auto from = graph.shapes.find(node.inputs[0]);
  const auto to = graph.shapes.find(node.outputs[0]);
  if (from == graph.shapes.end() || to == graph.shapes.end()) return false;
  return to->second.size() == 2 && from->second.size() >= 2 && from->second[0] == 1 && to->second[0] == 1;
}

}  // namespace

std::vector<Consumer> consumers_of(const graph::Graph& graph, const std::vector<graph::WeightLayer>& layers,
                                   const graph::WeightLayer& layer) {
  std::vector<Consumer> found;
  std::vector<std::string> values{layer.output};
  std::set<std::string> seen(values.begin(), values.end());
  while (!values.empty()) {
    const std::string value = values.back();
    values.pop_back();
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (layers[i].input != value || layers[i].shape.C % layer.shape.M != 0) continue;
      const std::int64_t block = layers[i].shape.C / layer.shape.M;
      if (block == 1 || layers[i].op == "fc") found.push_back({i, block});
    }
    for (const graph::Node* node : graph.consumers(value)) {
      if (node->inputs.empty() || node->inputs[0] != value || node->outputs.empty()) continue;
      if (!keeps_zero_channels(graph, *node) && !flattens(graph, *node)) continue;
      if (seen.insert(node->outputs[0]).second) values.push_back(node->outputs[0]);
    }
  }
  return found;
}

}  // namespace rebasis::compress
