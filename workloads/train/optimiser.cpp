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

void drop_momentum(torch::optim::Optimizer& optimiser, const at::Tensor& parameter, const at::Tensor& kept) {
  const at::NoGradGuard no_gradients;
  const auto found = optimiser.state().find(c10::guts::to_string(parameter.unsafeGetTensorImpl()));
  if (found == optimiser.state().end()) return;
  const auto clear = [&](at::Tensor moment) {
    if (moment.defined()) moment.mul_(kept);
  };
  if (auto* const sgd = dynamic_cast<torch::optim::SGDParamState*>(found->second.get())) clear(sgd->momentum_buffer());
  if (auto* const adam = dynamic_cast<torch::optim::AdamParamState*>(found->second.get())) {
    clear(adam->exp_avg());
    clear(adam->exp_avg_sq());
  }
}

void set_rate(torch::optim::Optimizer& optimiser, double rate) {
  for (auto& group : optimiser.param_groups()) {
    if (group.options().get_lr() != rate) group.options().set_lr(rate);
  }
}

}  // namespace rebasis::train
