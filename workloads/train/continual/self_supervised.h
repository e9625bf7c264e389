// An encoder with its heads, and what self-supervised learning asks of them. Included only by parts that link libtorch.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "workloads/train/continual/freezable.h"
#include "workloads/train/continual/recipe.h"
#include "workloads/train/network.h"

namespace rebasis::train {

class SelfSupervised {
 public:
  /// `encoder`: of encoder_of(). Weights as the recipe says, from its seed.
  SelfSupervised(const graph::Graph& encoder, const ContinualRecipe& recipe);

  [[nodiscard]] TrainableNetwork& network() { return network_; }
  [[nodiscard]] const TrainableNetwork& network() const { return network_; }
  [[nodiscard]] const FreezableLayers& freezable() const { return freezable_; }

  /// Of two views [n][C][H][W] of the same images; batch-norms that are not frozen take the batch's statistics.
  [[nodiscard]] at::Tensor loss(const at::Tensor& view1, const at::Tensor& view2);
  /// Gradients of `loss` into .grad() of what is trained; none of what is frozen, which an optimiser then leaves alone.
  void take_gradients(const at::Tensor& loss);
  /// Equation 5.6 of every freezable layer: the mean gradient of pairs of `views` against the subspaces of `replayed`
  /// images. Weights and statistics stay as they are.
  [[nodiscard]] std::vector<double> correlations(const at::Tensor& replayed,
                                                 const std::vector<std::pair<at::Tensor, at::Tensor>>& views);
  /// [n][C], with running statistics.
  [[nodiscard]] at::Tensor features(const at::Tensor& images);

 private:
  const ContinualRecipe& recipe_;
  TrainableNetwork network_;
  FreezableLayers freezable_;
};

}  // namespace rebasis::train
