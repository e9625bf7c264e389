// What `rebasis compress` would make of a network in training. Included only by parts that link libtorch.
#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <vector>

#include "workloads/compress/network/network_model.h"
#include "workloads/compress/recipe.h"
#include "workloads/train/network.h"

namespace rebasis::train {

/// The network with its present values, batch-norms folded as compress folds them and the passes of a recipe applied.
/// Compress gives the same forms, to the last bit, for the ONNX file with these values.
class CompressedNetwork {
 public:
  CompressedNetwork(const TrainableNetwork& network, const compress::Recipe& recipe);
  CompressedNetwork(const CompressedNetwork&) = delete;
  CompressedNetwork& operator=(const CompressedNetwork&) = delete;

  /// What the passes made of a trained layer; nullptr for a transposed convolution, whose phases compress on their own.
  [[nodiscard]] const compress::Layer* layer(std::size_t trained) const;
  /// What folding multiplied each filter by [M], f64; ones where nothing was folded.
  [[nodiscard]] at::Tensor fold_scale(std::size_t trained) const;
  /// The compressed weights with the batch-norm taken out again, [M][C/groups][R][S]; a filter whose scale is 0 keeps
  /// its weights, as does a layer without a form.
  [[nodiscard]] at::Tensor filters(std::size_t trained) const;
  /// Weights and biases of all layers with a form.
  [[nodiscard]] const compress::Model& model() const { return model_->model(); }

 private:
  const TrainableNetwork& network_;
  graph::Graph graph_;  ///< folded; model_ refers to it
  std::optional<compress::NetworkModel> model_;
  std::vector<const compress::Layer*> layers_;  ///< of each trained layer
};

}  // namespace rebasis::train
