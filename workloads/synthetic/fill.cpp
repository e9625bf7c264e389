#include "workloads/synthetic/fill.h"

#include <algorithm>
#include <random>
#include <vector>

#include "workloads/synthetic/generate.h"

namespace rebasis::synthetic {

Filler::Filler(const networks::Network& network, const Statistics& statistics, std::uint64_t seed)
    : network_(network), statistics_(statistics), seed_(seed) {
  std::uint64_t number = 0;
  for (const graph::WeightLayer& layer : graph::weight_layers(network.graph)) {
    const Layer numbered{layer, number++};
    by_weight_[layer.weight] = numbered;
    if (!layer.bias.empty()) by_bias_[layer.bias] = numbered;
    for (const graph::Node* reader : network.graph.consumers(layer.output)) {
      if (reader->op == "BatchNormalization") by_bias_[reader->inputs.at(2)] = numbered;
    }
  }
}

Tensor<float> Filler::values(const std::string& constant) const {
  Tensor<float> filled(network_.graph.float_constant(constant).shape);
  if (const auto found = by_weight_.find(constant); found != by_weight_.end()) {
    const graph::WeightLayer& layer = found->second.layer;
    const LayerShape& s = layer.shape;
    const Tensor<float> made({s.M, s.channels_per_group(), s.R, s.S},
                             weights(s, statistics_.weights.at(weight_kind(layer)), {seed_, found->second.number}));
    return graph::constant_from_layer_weights(network_.graph, layer, made);
  }
  if (const auto found = by_bias_.find(constant); found != by_bias_.end()) {
    const graph::WeightLayer& layer = found->second.layer;
    filled.values = biases(layer.shape, statistics_.weights.at(weight_kind(layer)), {seed_, found->second.number});
    return filled;
  }
  const networks::ParameterKind kind = network_.parameters.at(constant).kind;
  if (kind == networks::ParameterKind::norm_scale || kind == networks::ParameterKind::running_variance) {
    std::ranges::fill(filled.values, 1.0F);
  } else if (kind == networks::ParameterKind::token) {
    constexpr float token_deviation = 0.02F;  // Dosovitskiy et al. 2021: how they are initialised
    std::vector<std::uint32_t> words{static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)};
    words.insert(words.end(), constant.begin(), constant.end());
    std::seed_seq sequence(words.begin(), words.end());
    std::mt19937_64 generator(sequence);
    std::normal_distribution<float> normal(0, token_deviation);
    std::ranges::generate(filled.values, [&] { return normal(generator); });
  }
  return filled;
}

}  // namespace rebasis::synthetic
