#include "workloads/train/methods/project_network.h"

namespace rebasis::train {

namespace {

/// A copy of the network's graph that holds the present values.
graph::Graph with_values(const TrainableNetwork& network) {
  graph::Graph graph = network.graph();
  for (auto& [name, value] : network.values()) {
    if (graph.float_constant(name).values == value.values) continue;
    graph.factors.erase(name);  // the file's, no longer true
    graph.constants[name] = graph::Constant{graph::ElementType::f32, value};
  }
  return graph;
}

}  // namespace

CompressedNetwork::CompressedNetwork(const TrainableNetwork& network, const compress::Recipe& recipe)
    : network_(network), graph_(with_values(network)) {
  graph::fold_batch_norms(graph_);
  model_.emplace(graph_);
  recipe.apply(model_->model());
  for (const TrainedLayer& trained : network.layers()) {
    layers_.push_back(nullptr);
    for (const compress::Layer& layer : model_->model().layers) {
      if (layer.name == trained.layer.name && trained.layer.op != "convtranspose") layers_.back() = &layer;
    }
  }
}

const compress::Layer* CompressedNetwork::layer(std::size_t trained) const { return layers_[trained]; }

at::Tensor CompressedNetwork::fold_scale(std::size_t trained) const {
  const graph::WeightLayer& layer = network_.layers()[trained].layer;
  if (!graph_.folded_gamma.contains(layer.name)) return at::ones({layer.shape.M}, at::kDouble);
  return network_.fold_scales(trained).to(at::kDouble);
}

at::Tensor CompressedNetwork::filters(std::size_t trained) const {
  const at::Tensor present = network_.filters(trained, network_.weights(trained)).detach();
  const compress::Layer* const layer = layers_[trained];
  if (layer == nullptr) return present.clone();
  std::vector<float> rebuilt = compress::rebuilt_weights(*layer);
  const at::Tensor folded = at::from_blob(rebuilt.data(), present.sizes(), at::kFloat).to(at::kDouble);
  const at::Tensor scale = fold_scale(trained).view({-1, 1, 1, 1});
  return at::where(scale.eq(0), present.to(at::kDouble), folded / scale).to(at::kFloat);
}

}  // namespace rebasis::train
