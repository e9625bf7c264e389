#include "workloads/train/initialise.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>

namespace rebasis::train {

namespace {

/// The trained tensor of constant `name`.
at::Tensor parameter(const TrainableNetwork& network, const std::string& name) {
  const auto& names = network.parameter_names();
  const auto found = std::find(names.begin(), names.end(), name);
  return network.parameters()[static_cast<std::size_t>(found - names.begin())];
}

void initialise_layer(TrainableNetwork& network, std::size_t index, at::Generator& random) {
  const graph::WeightLayer& layer = network.layers()[index].layer;
  at::Tensor weights = network.weights(index);
  if (layer.op == "fc") {
    const double bound = 1 / std::sqrt(static_cast<double>(layer.shape.C));
    weights.uniform_(-bound, bound, random);
  } else {
    const double fan_out = static_cast<double>(layer.shape.M / layer.shape.groups * layer.shape.R * layer.shape.S);
    weights.normal_(0, std::sqrt(2 / fan_out), random);
  }
  if (!layer.bias.empty()) parameter(network, layer.bias).zero_();
}

/// Scale 1, shift 0, mean 0, variance 1: inputs 1 to 4 of BatchNormalization.
void initialise_batch_norms(TrainableNetwork& network) {
  for (const graph::Node& node : network.graph().nodes) {
    if (node.op != "BatchNormalization" || !network.statistics().contains(node.inputs[3])) continue;
    parameter(network, node.inputs[1]).fill_(1);
    parameter(network, node.inputs[2]).zero_();
    at::Tensor(network.statistics().at(node.inputs[3])).zero_();
    at::Tensor(network.statistics().at(node.inputs[4])).fill_(1);
  }
}

}  // namespace

void initialise(TrainableNetwork& network, const Recipe& recipe) {
  if (recipe.initialise == "keep") return;
  const at::NoGradGuard no_gradients;
  at::Generator random = at::detail::createCPUGenerator(static_cast<std::uint64_t>(recipe.seed));
  const bool all = recipe.initialise == "all";
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    if (all || network.layers()[i].last) initialise_layer(network, i, random);
  }
  if (all) initialise_batch_norms(network);
}

}  // namespace rebasis::train
