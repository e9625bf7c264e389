// How much of a new task's gradient lies in what earlier tasks show a layer (Yang's dissertation, equations 5.6, 5.7).
// Included only by parts that link libtorch.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "workloads/graph/layers.h"

namespace rebasis::train {

/// What a layer multiplies its filters with, as columns [(C / groups) R S][positions], of one group: the patches of a
/// convolution's `input` [n][C][H][W], the rows of a matrix product's.
[[nodiscard]] at::Tensor representation(const graph::WeightLayer& layer, const at::Tensor& input, std::int64_t group);

/// The first left singular vectors of `matrix` [m][n] that hold `share` of its squared Frobenius norm (equation 5.7),
/// [m][k], k at least 1. From the eigenvectors of matrix x matrix', which are those; decomposed in double precision.
[[nodiscard]] at::Tensor basis_of(const at::Tensor& matrix, double share);

/// Equation 5.6: norm of the projection of the gradient's rows on the bases over its norm. `gradient`: [M][C /
/// groups][R][S]; `bases`: one a group. 1 for a gradient of zero, which asks for no change.
[[nodiscard]] double correlation_ratio(const at::Tensor& gradient, const std::vector<at::Tensor>& bases);

}  // namespace rebasis::train
