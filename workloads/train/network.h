// An imported graph whose constants can be trained: the executor's operators, with gradients. Included only by parts
// that link libtorch.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <map>
#include <set>
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
  using Statistics = std::map<std::string, at::Tensor>;  ///< running means and variances, by constant
  /// What a layer computes with in place of its weights; gradients go through it.
  using WeightFunction = std::function<at::Tensor(std::size_t layer, const at::Tensor& weights)>;

  /// What a convolution computes in place of its operator: its output without bias, or an undefined tensor.
  using Convolution = std::function<at::Tensor(std::size_t layer, const at::Tensor& input, const at::Tensor& weights)>;

  /// `graph` was imported with fold_batch_norms off, so that batch-norms train as such. Trained are the weights and
  /// biases of convolutions and matrix products and the scales and shifts of batch-norms; their running statistics
  /// follow. Other constants stay. Throws Error(bad_input) when the network has several inputs or outputs, or nothing
  /// to train.
  explicit TrainableNetwork(const graph::Graph& graph);

  /// Output [N][classes]. With `training`, batch-norms use and update the batch's statistics.
  [[nodiscard]] at::Tensor forward(const at::Tensor& batch, bool training, const WeightFunction& weights = {});
  /// The same in training, with running statistics of the caller's own; several threads may do so at once.
  [[nodiscard]] at::Tensor forward(const at::Tensor& batch, Statistics& running, const WeightFunction& weights) const;
  /// All outputs of the network. `observe` sees every value as it is computed.
  [[nodiscard]] std::vector<at::Tensor> outputs(const at::Tensor& batch, bool training,
                                                const run::GraphRunner::Observer& observe = {});

  /// Holds for every forward pass from now on.
  void set_convolution(Convolution convolution) { convolution_ = std::move(convolution); }
  /// A property that the network's file will have beside its weights.
  void set_property(const std::string& name, std::string value) { properties_[name] = std::move(value); }
  [[nodiscard]] const std::map<std::string, std::string>& properties() const { return properties_; }

  [[nodiscard]] const std::vector<TrainedLayer>& layers() const { return layers_; }
  [[nodiscard]] const graph::Graph& graph() const { return runner_.graph(); }
  /// Trained tensors, in a fixed order; leaves that require gradients.
  [[nodiscard]] const std::vector<at::Tensor>& parameters() const { return parameters_; }
  [[nodiscard]] const std::vector<std::string>& parameter_names() const { return names_; }
  /// The parameter is not trained (again, with `frozen` false); a batch-norm whose scale is frozen computes with its
  /// running statistics and leaves them alone.
  void freeze(std::size_t parameter, bool frozen = true) { parameters_[parameter].set_requires_grad(!frozen); }
  /// Names of the parameters that are trained.
  [[nodiscard]] std::set<std::string> trained_names() const;
  /// The weights of a layer, in the constant's own shape.
  [[nodiscard]] const at::Tensor& weights(std::size_t layer) const { return parameters_[layers_[layer].parameter]; }
  /// The layer's weights are not kept any longer: a single zero stands for all. They must not be trained then.
  void release(std::size_t layer);
  /// Weights as a matrix of filters, [M][C/groups][R][S]; a view.
  [[nodiscard]] at::Tensor filters(std::size_t layer, const at::Tensor& weights) const;
  /// The inverse of filters(), for a constant of shape `sizes`.
  [[nodiscard]] at::Tensor constant_of(std::size_t layer, const at::Tensor& filters, at::IntArrayRef sizes) const;
  /// What folding the batch-norm that follows multiplies each filter by, gamma / sqrt(variance + epsilon) [M]; ones
  /// without one that can be folded.
  [[nodiscard]] at::Tensor fold_scales(std::size_t layer) const;

  /// Scale and shift [M] of that batch-norm, leaves that are trained; undefined where fold_scales() gives ones.
  struct Norm {
    at::Tensor scale, shift;
  };
  [[nodiscard]] Norm norm(std::size_t layer) const;

  /// Sub-nets share the parameters and have running statistics of their own, at first those of the file; `shared`: one
  /// set.
  void set_variants(std::size_t count, bool shared = false);
  /// Statistics that forward() uses and updates.
  void select(std::size_t variant) { selected_ = variant; }
  /// Running statistics of the selected sub-net, by constant.
  [[nodiscard]] const Statistics& statistics() const { return statistics_[selected_]; }
  /// Those of all sub-nets, in a fixed order.
  [[nodiscard]] std::vector<at::Tensor> all_statistics() const;
  /// Values of all trained constants and the selected statistics; weights as `weights` gives them.
  [[nodiscard]] std::map<std::string, Tensor<float>> values(const WeightFunction& weights = {}) const;

 private:
  void find_layers();
  void find_batch_norms();
  std::size_t add_parameter(const std::string& constant);
  [[nodiscard]] const graph::Node* norm_behind(std::size_t layer) const;  ///< or null
  [[nodiscard]] std::vector<at::Tensor> evaluate(const at::Tensor& batch, const Statistics& statistics, bool training,
                                                 const WeightFunction& weights,
                                                 const run::GraphRunner::Observer& observe = {}) const;

  run::GraphRunner runner_;
  Convolution convolution_;
  std::map<std::string, std::string> properties_;
  std::vector<TrainedLayer> layers_;
  std::map<std::string, std::size_t> layer_of_node_;
  std::vector<at::Tensor> parameters_;
  std::vector<std::string> names_;
  std::map<std::string, std::size_t> index_;
  std::vector<Statistics> statistics_{1};  ///< of each sub-net
  std::size_t selected_ = 0;
  std::map<std::string, std::size_t> norm_behind_;  ///< node that alone reads a layer's output, by that value
};

}  // namespace rebasis::train
