#include "workloads/train/optimiser.h"

#include <torch/optim/adam.h>
#include <torch/optim/sgd.h>

namespace rebasis::train {

std::unique_ptr<torch::optim::Optimizer> make_optimiser(const Recipe& recipe,
                                                        const std::vector<at::Tensor>& parameters) {
  if (recipe.optimiser == "adam") {
    return std::make_unique<torch::optim::Adam>(
        parameters, torch::optim::AdamOptions(recipe.learning_rate).weight_decay(recipe.weight_decay));
  }
  return std::make_unique<torch::optim::SGD>(
      parameters,
      torch::optim::SGDOptions(recipe.learning_rate).momentum(recipe.momentum).weight_decay(recipe.weight_decay));
}

void set_rate(torch::optim::Optimizer& optimiser, double rate) {
  for (auto& group : optimiser.param_groups()) {
    if (group.options().get_lr() != rate) group.options().set_lr(rate);
  }
}

}  // namespace rebasis::train
