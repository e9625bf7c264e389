#include "workloads/compress/network/network_model.h"

#include <algorithm>
#include <utility>

#include "common/error.h"
#include "workloads/compress/network/consumers.h"
#include "workloads/compress/network/learned_vectors.h"

namespace rebasis::compress {
namespace {

/// Writes a phase's kernel [M][C/groups][R'][S'] to the taps of the layer's kernel that it came from.
void put_phase(const graph::WeightLayer& layer, const graph::SubPixelPhase& phase, const std::vector<float>& from,
               Tensor<float>& to) {
  const LayerShape& whole = layer.shape;
  const std::size_t rows = phase.taps_h.size(), columns = phase.taps_w.size();
  const std::size_t kernels = static_cast<std::size_t>(whole.M * whole.channels_per_group());
  for (std::size_t kernel = 0; kernel < kernels; ++kernel) {
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t s = 0; s < columns; ++s) {
        if (phase.taps_h[r] < 0 || phase.taps_w[s] < 0) continue;
        const std::size_t tap = static_cast<std::size_t>(phase.taps_h[r] * whole.S + phase.taps_w[s]);
        to.values[kernel * static_cast<std::size_t>(whole.R * whole.S) + tap] = from[(kernel * rows + r) * columns + s];
      }
    }
  }
}

Layer make_layer(const std::string& name, const std::string& op, const LayerShape& shape, std::vector<float> weights) {
  Layer layer;
  layer.name = name;
  layer.op = op;
  layer.shape = shape;
  layer.weights = std::move(weights);
  return layer;
}

}  // namespace

NetworkModel::NetworkModel(const graph::Graph& graph) : graph_(graph) {
  model_.name = graph.name;
  const std::vector<graph::WeightLayer> layers = graph::weight_layers(graph);
  if (layers.empty())
    fail_input(graph.file + ": the network has no convolution or fully-connected layer with constant weights");
  for (const graph::WeightLayer& layer : layers) {
    if (layer.op == "convtranspose") {
      add_phases(layer);
    } else {
      add_plain(layer);
    }
  }
  model_.layers[0].first = true;
  if (const auto property = graph.properties.find(reuse_property); property != graph.properties.end()) {
    LearnedVectors learned = from_property(property->second, graph.file);
    for (Layer& layer : model_.layers) {
      if (const auto vectors = learned.find(layer.name); vectors != learned.end())
        layer.learned_vectors = vectors->second;
    }
  }
  for (const Node& node : nodes_) {
    if (!node.phases.empty()) continue;
    for (Consumer consumer : consumers_of(graph, layers, node.layer)) {
      const Node& reader = nodes_[consumer.layer];
      if (!reader.phases.empty()) continue;
      consumer.layer = reader.first;
      model_.layers[node.first].consumers.push_back(consumer);
    }
  }
}

void NetworkModel::add_plain(const graph::WeightLayer& node) {
  nodes_.push_back({node, model_.layers.size(), {}});
  Layer layer = make_layer(node.name, node.op, node.shape, graph::layer_weights(graph_, node).values);
  if (!node.bias.empty()) layer.bias = graph::layer_bias(graph_, node).values;
  layer.norm_scale = node.bn_gamma;
  if (graph_.synthetic_weights) layer.weight_provenance = "synthetic";
  if (const auto found = graph_.factors.find(node.weight); found != graph_.factors.end()) layer.factors = found->second;
  model_.layers.push_back(std::move(layer));
  sources_.push_back(node.name);
}

void NetworkModel::add_phases(const graph::WeightLayer& node) {
  nodes_.push_back({node, model_.layers.size(), graph::sub_pixel_phases(node)});
  const Tensor<float> weights = graph::layer_weights(graph_, node);
  for (const graph::SubPixelPhase& phase : nodes_.back().phases) {
    Layer layer = make_layer(phase.name, "conv", phase.shape, graph::phase_weights(node, phase, weights).values);
    if (graph_.synthetic_weights) layer.weight_provenance = "synthetic";
    if (!node.bias.empty()) layer.bias = graph::layer_bias(graph_, node).values;
    model_.layers.push_back(std::move(layer));
    sources_.push_back(node.name);
  }
}

Tensor<float> NetworkModel::node_weights(const Node& node) const {
  const LayerShape& s = node.layer.shape;
  if (node.phases.empty()) {
    Tensor<float> weights({s.M, s.channels_per_group(), s.R, s.S}, rebuilt_weights(model_.layers[node.first]));
    return graph::constant_from_layer_weights(graph_, node.layer, weights);
  }
  Tensor<float> weights = graph::layer_weights(graph_, node.layer);
  for (std::size_t p = 0; p < node.phases.size(); ++p) {
    put_phase(node.layer, node.phases[p], rebuilt_weights(model_.layers[node.first + p]), weights);
  }
  return graph::constant_from_layer_weights(graph_, node.layer, weights);
}

std::vector<float> NetworkModel::node_bias(const Node& node, const trace::ActivationInfo* activations) const {
  const Layer& layer = model_.layers[node.first];
  // The phases of a transposed convolution round the same bias in different units; the network runs with the real one.
  if (activations == nullptr || !node.phases.empty()) return layer.bias;
  const std::vector<std::int32_t> codes = integer_bias(layer, activations->scale);
  const std::vector<double> units = weight_units(layer);
  std::vector<float> bias(codes.size());
  for (std::size_t m = 0; m < bias.size(); ++m) bias[m] = static_cast<float>(codes[m] * units[m] * activations->scale);
  return bias;
}

void NetworkModel::add_reuse(const Node& node, bool quantised, run::RunHooks& hooks) const {
  const auto& shared = model_.layers[node.first].reuse;
  if (!shared || !quantised) return;
  if (!node.phases.empty() || node.layer.op != "conv")
    fail_input(graph_.file + ": layer " + node.layer.name +
               " is a transposed convolution, which cannot reuse products; leave it out (leave: true)");
  hooks.reuse[node.layer.name] = {shared->vectors, shared->batch};
}

run::RunHooks NetworkModel::hooks(const std::map<std::string, trace::ActivationInfo>* activations) const {
  run::RunHooks hooks;
  for (const Node& node : nodes_) {
    hooks.weights[node.layer.name] = node_weights(node);
    add_reuse(node, activations != nullptr, hooks);
    if (model_.layers[node.first].bias.empty()) continue;
    const trace::ActivationInfo* const info = activations != nullptr ? &activations->at(node.layer.name) : nullptr;
    hooks.biases[node.layer.name] = Tensor<float>({node.layer.shape.M}, node_bias(node, info));
  }
  if (activations != nullptr) {
    for (const auto& [name, info] : *activations) {
      hooks.quantisation[name] = {static_cast<float>(info.scale), info.is_signed, info.bits};
    }
  }
  return hooks;
}

std::vector<trace::AuxiliaryInfo> NetworkModel::auxiliary() const {
  std::vector<trace::AuxiliaryInfo> auxiliary = graph::auxiliary_layers(graph_);
  for (trace::AuxiliaryInfo& info : auxiliary) {
    const auto node =
        std::find_if(nodes_.begin(), nodes_.end(), [&](const Node& n) { return n.layer.name == info.after; });
    if (node != nodes_.end() && !node->phases.empty()) info.after = node->phases.back().name;
  }
  return auxiliary;
}

}  // namespace rebasis::compress
