// Views of images, what they are to agree in, and how representations are judged. Included only by parts that link
// libtorch.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <random>

#include "workloads/train/continual/recipe.h"

namespace rebasis::train {

/// A random view of each image [n][C][H][W]: a crop scaled to the image's size, mirrored, of other brightness and
/// contrast.
[[nodiscard]] at::Tensor view_of(const at::Tensor& images, const ContinualRecipe& recipe, std::mt19937_64& random);

/// A weight from Beta(alpha, alpha).
[[nodiscard]] double mixing_weight(double alpha, std::mt19937_64& random);

/// Equation 5.1 of predictions and projections [n][d] of two views; projections as targets carry no gradient.
[[nodiscard]] at::Tensor simsiam_loss(const at::Tensor& prediction1, const at::Tensor& projection2,
                                      const at::Tensor& prediction2, const at::Tensor& projection1);

/// Equation 5.2 of the projections of two views, with the off-diagonal elements squared as in Barlow Twins' paper (as
/// printed they would have no least value).
[[nodiscard]] at::Tensor barlow_twins_loss(const at::Tensor& projection1, const at::Tensor& projection2,
                                           double redundancy);

/// Share of `features` [n][C] whose class the `neighbours` nearest of `bank` [m][C] vote for: cosine similarity,
/// weights exp(similarity / temperature) (Wu et al., CVPR 2018).
[[nodiscard]] double knn_accuracy(const at::Tensor& bank, const at::Tensor& bank_labels, const at::Tensor& features,
                                  const at::Tensor& labels, std::int64_t neighbours, double temperature);

}  // namespace rebasis::train
