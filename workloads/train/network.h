// An imported graph whose constants can be trained: the executor's operators, with gradients. Included only by parts
// that link libtorch.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "workloads/graph/layers.h"
#include "workloads/run/graph_runner.h"

namespace rebasis::train {

/// A layer whose weights are trained.
struct TrainedLayer {
  graph::WeightLayer layer;
  std::size_t parameter = 0;  ///< index of its weights
  bool first = false, last = false;
};

class TrainableNetwork {
 public:
  /// What a layer computes with in place of its weights; gradients go through it.
  using WeightFunction = std::function<at::Tensor(std::size_t layer, const at::Tensor& weights)>;

  /// `graph` was imported with fold_batch_norms off, so that batch-norms train as such. Trained are the weights and
  /// biases of convolutions and matrix products and the scales and shifts of batch-norms; their running statistics
  /// follow. Other constants stay. Throws Error(bad_input) when the network has several inputs or outputs, or nothing
  /// to train.
  explicit TrainableNetwork(const graph::Graph& graph);

  /// Output [N][classes]. With `training`, batch-norms use and update the batch's statistics.
  [[nodiscard]] at::Tensor forward(const at::Tensor& batch, bool training, const WeightFunction& weights = {});

  [[nodiscard]] const std::vector<TrainedLayer>& layers() const { return layers_; }
  [[nodiscard]] const graph::Graph& graph() const { return runner_.graph(); }
  /// Trained tensors, in a fixed order; leaves that require gradients.
  [[nodiscard]] const std::vector<at::Tensor>& parameters() const { return parameters_; }
  [[nodiscard]] const std::vector<std::string>& parameter_names() const { return names_; }
  /// Running statistics, by constant.
  [[nodiscard]] const std::map<std::string, at::Tensor>& statistics() const { return statistics_; }
  /// The layer's weights as a matrix of filters, [M][C/groups][R][S].
  [[nodiscard]] at::Tensor filters(std::size_t layer, const at::Tensor& weights) const;
  /// Values of all trained constants and statistics; weights as `weights` gives them.
  [[nodiscard]] std::map<std::string, Tensor<float>> values(const WeightFunction& weights = {}) const;

 private:
  void find_layers();
  void find_batch_norms();
  std::size_t add_parameter(const std::string& constant);
  [[nodiscard]] std::vector<at::Tensor> batch_norm(const graph::Node& node, const std::vector<at::Tensor>& inputs);

  run::GraphRunner runner_;
  std::vector<TrainedLayer> layers_;
  std::map<std::string, std::size_t> layer_of_node_;
  std::vector<at::Tensor> parameters_;
  std::vector<std::string> names_;
  std::map<std::string, std::size_t> index_;
  std::map<std::string, at::Tensor> statistics_;
};

}  // namespace rebasis::train
