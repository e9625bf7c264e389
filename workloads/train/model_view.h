// A network in training as the passes of `rebasis compress` see it, so that both prune and quantise with the same code.
// Included only by parts that link libtorch.
#pragma once

#include "workloads/compress/model.h"
#include "workloads/train/network.h"

namespace rebasis::train {

/// Names, operators and shapes of the layers; no weights.
[[nodiscard]] compress::Model shapes_of(const TrainableNetwork& network);

/// `filters` [M][C/groups][R][S] as floats in that order.
[[nodiscard]] std::vector<float> values_of(const at::Tensor& filters);

/// `filters` with each filter times the factor that folding the batch-norm behind layer `layer` will apply: what
/// `rebasis compress` will see.
[[nodiscard]] at::Tensor folded(const TrainableNetwork& network, std::size_t layer, const at::Tensor& filters);

/// The inverse of folded(). Filters that folding multiplies by zero come from `unfolded_before`.
[[nodiscard]] at::Tensor unfolded(const TrainableNetwork& network, std::size_t layer, const at::Tensor& filters,
                                  const at::Tensor& unfolded_before);

}  // namespace rebasis::train
