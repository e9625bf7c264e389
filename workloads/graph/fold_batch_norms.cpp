#include <cmath>
#include <set>

#include "workloads/graph/graph.h"
#include "workloads/graph/import_steps.h"

namespace rebasis::graph {
namespace {

/// Axis of the weight constant that counts output channels, and how they repeat along it.
struct ChannelAxis {
  std::size_t axis = 0;
  std::int64_t groups = 1;  ///< ConvTranspose: [C][M/groups][R][S], the group is decided by the leading axis
};

ChannelAxis channel_axis(const Node& node) {
  if (node.op == "ConvTranspose") return {1, node.integer("group", 1)};
  if (node.op == "Gemm" && node.integer("transB", 0) == 0) return {1, 1};
  return {0, 1};
}

/// Output channels, 0 when weights and groups do not fit each other.
std::int64_t channels_of(const Tensor<float>& weights, const ChannelAxis& axis) {
  if (weights.values.empty() || weights.shape.size() <= axis.axis) return 0;
  const bool divides = axis.groups >= 1 && axis.groups <= weights.shape[0] && weights.shape[0] % axis.groups == 0;
  return divides ? weights.shape[axis.axis] * axis.groups : 0;
}

/// Multiplies the weights of output channel m by factor[m].
void scale_channels(Tensor<float>& weights, const ChannelAxis& axis, const std::vector<double>& factor) {
  std::int64_t inner = 1;
  for (std::size_t i = axis.axis + 1; i < weights.shape.size(); ++i) inner *= weights.shape[i];
  const std::int64_t per_group = weights.shape[axis.axis];
  const std::int64_t outer_per_group = axis.axis == 0 ? 1 : weights.shape[0] / axis.groups;
  for (std::size_t index = 0; index < weights.values.size(); ++index) {
    const std::int64_t along = static_cast<std::int64_t>(index) / inner % per_group;
    const std::int64_t group =
        axis.axis == 0 ? 0 : static_cast<std::int64_t>(index) / (inner * per_group) / outer_per_group;
    const auto channel = static_cast<std::size_t>(group * per_group + along);
    weights.values[index] = static_cast<float>(weights.values[index] * factor[channel]);
  }
}

const Tensor<float>* float_input(const Graph& graph, const Node& node, std::size_t input) {
  if (node.inputs.size() <= input) return nullptr;
  const auto found = graph.constants.find(node.inputs[input]);
  return found == graph.constants.end() ? nullptr : std::get_if<Tensor<float>>(&found->second.data);
}

bool is_network_output(const Graph& graph, const std::string& value) {
  for (const Port& port : graph.outputs) {
    if (port.name == value) return true;
  }
  return false;
}

/// The layer in front of a batch-norm when the fold is exact: constant weights and bias, no other reader, no training
/// mode.
Node* foldable_layer(Graph& graph, const Node& norm) {
  if (norm.outputs.size() != 1 || norm.inputs.size() < 5 || norm.integer("training_mode", 0) != 0 ||
      norm.integer("spatial", 1) == 0)
    return nullptr;
  const std::string& between = norm.inputs.at(0);
  if (is_network_output(graph, between) || graph.consumers(between).size() != 1) return nullptr;
  for (Node& node : graph.nodes) {
    if (node.outputs.empty() || node.outputs[0] != between) continue;
    const bool layer = node.op == "Conv" || node.op == "ConvTranspose" || node.op == "Gemm";
    const bool scaled = node.op == "Gemm" && (node.real("alpha", 1) != 1 || node.real("beta", 1) != 1);
    const bool has_bias = node.inputs.size() > 2 && !node.inputs[2].empty();
    if (!layer || scaled || float_input(graph, node, 1) == nullptr ||
        (has_bias && float_input(graph, node, 2) == nullptr))
      return nullptr;
    return &node;
  }
  return nullptr;
}

void store(Graph& graph, Node& node, std::size_t input, const std::string& name, Tensor<float> tensor) {
  if (node.inputs.size() <= input) node.inputs.resize(input + 1);
  node.inputs[input] = name;
  graph.shapes[name] = tensor.shape;
  graph.constants[name] = Constant{ElementType::f32, std::move(tensor)};
}

/// Folded weights are the product of the same Ce and of B times the filter's factor.
void scale_factors(Graph& graph, const Node& layer, const std::vector<double>& factor) {
  const auto found = graph.factors.find(layer.inputs[1]);
  if (found == graph.factors.end()) return;
  Factors factors = found->second;
  std::vector<float>& basis = factors.basis.values;
  if (layer.op == "ConvTranspose" || factors.basis.shape[0] != static_cast<std::int64_t>(factor.size())) return;
  const std::size_t filter = basis.size() / factor.size();
  for (std::size_t i = 0; i < basis.size(); ++i) basis[i] = static_cast<float>(basis[i] * factor[i / filter]);
  graph.factors[layer.name + ".folded_weight"] = std::move(factors);
}

/// w' = w * gamma / sqrt(var + eps), b' = (b - mean) * gamma / sqrt(var + eps) + beta. False when the shapes do not
/// allow it.
bool fold(Graph& graph, Node& layer, const Node& norm) {
  const Tensor<float>* parameters[4];
  for (std::size_t i = 0; i < 4; ++i) parameters[i] = float_input(graph, norm, i + 1);
  const ChannelAxis axis = channel_axis(layer);
  Tensor<float> weights = *float_input(graph, layer, 1);
  const std::int64_t channels = channels_of(weights, axis);
  if (channels == 0) return false;
  for (const auto* parameter : parameters) {
    if (parameter == nullptr || parameter->size() != channels) return false;
  }
  const bool has_bias = layer.inputs.size() > 2 && !layer.inputs[2].empty();
  const Tensor<float>* const old_bias = has_bias ? float_input(graph, layer, 2) : nullptr;
  if (old_bias != nullptr && old_bias->size() != channels && old_bias->size() != 1) return false;

  const auto& [gamma, beta, mean, variance] = parameters;
  std::vector<double> factor(static_cast<std::size_t>(channels));
  Tensor<float> bias({channels});
  const double epsilon = norm.real("epsilon", 1e-5F);
  for (std::size_t m = 0; m < factor.size(); ++m) {
    if (variance->values[m] + epsilon <= 0) return false;
    factor[m] = gamma->values[m] / std::sqrt(variance->values[m] + epsilon);
    const double before = old_bias == nullptr ? 0.0 : old_bias->values[old_bias->size() == 1 ? 0 : m];
    bias.values[m] = static_cast<float>((before - mean->values[m]) * factor[m] + beta->values[m]);
  }
  scale_channels(weights, axis, factor);
  scale_factors(graph, layer, factor);
  graph.folded_gamma[layer.name] = gamma->values;
  store(graph, layer, 1, layer.name + ".folded_weight", std::move(weights));
  store(graph, layer, 2, layer.name + ".folded_bias", std::move(bias));
  return true;
}

}  // namespace

void fold_batch_norms(Graph& graph) {
  std::set<std::string> folded;
  for (const Node& node : graph.nodes) {
    if (node.op != "BatchNormalization") continue;
    Node* const layer = foldable_layer(graph, node);
    if (layer == nullptr || !fold(graph, *layer, node)) continue;
    layer->outputs[0] = node.outputs[0];
    folded.insert(node.name);
  }
  std::erase_if(graph.nodes, [&](const Node& node) { return folded.contains(node.name); });
  drop_unused_constants(graph);
}

}  // namespace rebasis::graph
