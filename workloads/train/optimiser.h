// The optimiser of a recipe. Included only by parts that link libtorch.
#pragma once

#include <torch/optim.h>

#include <memory>
#include <vector>

#include "workloads/train/recipe.h"

namespace rebasis::train {

/// SGD with momentum or Adam over `parameters`.
[[nodiscard]] std::unique_ptr<torch::optim::Optimizer> make_optimiser(const Recipe& recipe,
                                                                      const std::vector<at::Tensor>& parameters);
/// What the optimiser has gathered of earlier gradients of `parameter` becomes zero where `kept` is false.
void drop_momentum(torch::optim::Optimizer& optimiser, const at::Tensor& parameter, const at::Tensor& kept);
void set_rate(torch::optim::Optimizer& optimiser, double rate);

}  // namespace rebasis::train
