#include "workloads/train/continual/self_supervised.h"

#include <torch/csrc/autograd/autograd.h>

#include <map>

#include "workloads/train/continual/correlation.h"
#include "workloads/train/continual/encoder.h"
#include "workloads/train/continual/objective.h"
#include "workloads/train/initialise.h"

namespace rebasis::train {

namespace {

TrainableNetwork initialised(graph::Graph graph, const ContinualRecipe& recipe) {
  add_heads(graph, recipe.projection, recipe.objective == "simsiam" ? recipe.prediction : 0, recipe.seed);
  TrainableNetwork network(graph);
  Recipe start;
  start.initialise = recipe.initialise;
  start.seed = recipe.seed;
  initialise(network, start);
  return network;
}

}  // namespace

SelfSupervised::SelfSupervised(const graph::Graph& encoder, const ContinualRecipe& recipe)
    : recipe_(recipe), network_(initialised(encoder, recipe)), freezable_(network_) {}

at::Tensor SelfSupervised::loss(const at::Tensor& view1, const at::Tensor& view2) {
  const std::vector<at::Tensor> first = network_.outputs(view1, true), second = network_.outputs(view2, true);
  if (recipe_.objective == "simsiam") return simsiam_loss(first[2], second[1], second[2], first[1]);
  return barlow_twins_loss(first[1], second[1], recipe_.redundancy);
}

void SelfSupervised::take_gradients(const at::Tensor& loss) {
  std::vector<at::Tensor> leaves = network_.parameters();
  for (at::Tensor& leaf : leaves) leaf.mutable_grad().reset();
  std::erase_if(leaves, [](const at::Tensor& leaf) { return !leaf.requires_grad(); });
  const auto gradients = torch::autograd::grad({loss}, leaves, {}, c10::nullopt, false, true);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (gradients[i].defined()) leaves[i].mutable_grad() = gradients[i].clone();
  }
}

std::vector<double> SelfSupervised::correlations(const at::Tensor& replayed,
                                                 const std::vector<std::pair<at::Tensor, at::Tensor>>& views) {
  std::vector<at::Tensor> before;
  for (const at::Tensor& tensor : network_.all_statistics()) before.push_back(tensor.clone());
  std::vector<at::Tensor> gradients(freezable_.size());
  for (const auto& [view1, view2] : views) {
    take_gradients(loss(view1, view2));
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      const at::Tensor& gradient = network_.weights(freezable_.layer(i)).grad();
      gradients[i] = gradients[i].defined() ? gradients[i] + gradient : gradient.clone();
    }
  }
  const at::NoGradGuard no_gradients;
  const std::vector<at::Tensor> changed = network_.all_statistics();
  for (std::size_t i = 0; i < before.size(); ++i) at::Tensor(changed[i]).copy_(before[i]);
  std::map<std::string, at::Tensor> values;
  (void)network_.outputs(replayed, false,
                         [&](const std::string& value, const at::Tensor& tensor) { values[value] = tensor; });
  values[network_.graph().inputs[0].name] = replayed;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const graph::WeightLayer& layer = network_.layers()[freezable_.layer(i)].layer;
    std::vector<at::Tensor> bases;
    for (std::int64_t group = 0; group < (layer.op == "fc" ? 1 : layer.shape.groups); ++group)
      bases.push_back(basis_of(representation(layer, values.at(layer.input), group), recipe_.subspace));
    ratios.push_back(correlation_ratio(network_.filters(freezable_.layer(i), gradients[i]), bases));
  }
  return ratios;
}

at::Tensor SelfSupervised::features(const at::Tensor& images) {
  const at::NoGradGuard no_gradients;
  constexpr std::int64_t batch = 250;
  std::vector<at::Tensor> parts;
  for (const at::Tensor& part : images.split(batch)) parts.push_back(network_.outputs(part, false)[0]);
  return at::cat(parts);
}

}  // namespace rebasis::train
