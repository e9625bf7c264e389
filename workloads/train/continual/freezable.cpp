#include "workloads/train/continual/freezable.h"

#include "workloads/train/continual/encoder.h"

namespace rebasis::train {

FreezableLayers::FreezableLayers(const TrainableNetwork& network) {
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const graph::WeightLayer& layer = network.layers()[i].layer;
    if (layer.name.starts_with(head_prefix)) continue;
    layers_.push_back(i);
    names_.push_back(layer.name);
    constants_.push_back({layer.weight, layer.bias});
    for (const graph::Node* const reader : network.graph().consumers(layer.output)) {
      if (reader->op == "BatchNormalization") constants_.back().insert({reader->inputs[1], reader->inputs[2]});
    }
  }
}

void FreezableLayers::apply(TrainableNetwork& network, const std::vector<bool>& frozen) const {
  for (std::size_t i = 0; i < network.parameters().size(); ++i) {
    bool held = false;
    for (std::size_t layer = 0; layer < layers_.size(); ++layer)
      held = held || (frozen[layer] && constants_[layer].contains(network.parameter_names()[i]));
    network.freeze(i, held);
  }
}

TrainingCosts FreezableLayers::costs(const graph::Graph& graph, const std::vector<bool>& frozen,
                                     std::int64_t images) const {
  std::set<std::string> trained = trainable_constants(graph);
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    if (!frozen[layer]) continue;
    for (const std::string& constant : constants_[layer]) trained.erase(constant);
  }
  return training_costs(graph, trained, images);
}

void FreezableLayers::describe(LearningEpoch& epoch, const graph::Graph& graph, const std::vector<bool>& frozen,
                               std::int64_t images) const {
  constexpr double views = 2;
  const TrainingCosts now = costs(graph, frozen, images),
                      free = costs(graph, std::vector<bool>(frozen.size(), false), images);
  for (std::size_t layer = 0; layer < frozen.size(); ++layer) {
    if (frozen[layer]) epoch.frozen.push_back(names_[layer]);
  }
  const double passes = views * static_cast<double>(epoch.steps);
  epoch.forward_macs = passes * static_cast<double>(now.forward_macs);
  epoch.backward_macs = passes * static_cast<double>(now.backward_macs());
  epoch.backward_macs_unfrozen = passes * static_cast<double>(free.backward_macs());
  epoch.parameter_bytes = static_cast<double>(now.parameter_bytes());
  epoch.activation_bytes = views * static_cast<double>(now.activation_bytes());
  epoch.activation_bytes_unfrozen = views * static_cast<double>(free.activation_bytes());
}

}  // namespace rebasis::train
