// Runs a graph on batches of inputs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "workloads/graph/graph.h"
#include "workloads/graph/layers.h"
#include "workloads/reuse/reuse.h"
#include "workloads/tensor.h"

namespace rebasis::run {

/// Fake quantisation of a layer's input: value -> scale * clamp(round-half-even(value / scale)); signed codes lie in
/// -2^(bits-1) .. 2^(bits-1) - 1, unsigned ones in 0 .. 2^bits - 1.
struct Quantisation {
  float scale = 1;
  bool is_signed = false;
  int bits = 8;
};

/// Reuse of similar products in a convolution with quantised inputs: each sub-vector of its im2row rows is replaced by
/// its bucket's centroid. Buckets are shared by `batch` consecutive images of a chunk.
struct Reuse {
  reuse::HashVectors vectors;
  std::int64_t batch = 1;
};

/// What a run changes or observes, by layer name (graph::WeightLayer::name).
struct RunHooks {
  std::map<std::string, Tensor<float>> weights;      ///< in the constant's own shape
  std::map<std::string, Tensor<float>> biases;       ///< [M]; also for layers without a bias
  std::map<std::string, Quantisation> quantisation;  ///< applied to the layer's input before it computes
  std::map<std::string, Reuse> reuse;                ///< of layers that have a quantisation
  /// Called with what each such layer shared in a chunk, by two threads at once.
  std::function<void(const graph::WeightLayer&, const reuse::Counts&)> on_reuse;
  /// Called for every weight layer in execution order with its input as [N][C][H][W] of LayerShape, before
  /// quantisation.
  std::function<void(const graph::WeightLayer&, const Tensor<float>&)> on_input;
  /// The same for its output, bias included, as [N][M][E][F].
  std::function<void(const graph::WeightLayer&, const Tensor<float>&)> on_output;
};

/// Executes a graph with libtorch. Outputs do not depend on the number of threads, which is two at most; another batch
/// size may change their last bits.
class Executor {
 public:
  /// Fails with Error(bad_input) naming operator, node and file when an operator is not supported. `graph` is copied.
  explicit Executor(const graph::Graph& graph);
  ~Executor();
  Executor(Executor&&) noexcept;
  Executor& operator=(Executor&&) noexcept;

  [[nodiscard]] const graph::Graph& graph() const;
  [[nodiscard]] const std::vector<graph::WeightLayer>& layers() const;

  /// Outputs of the network for one batch [N][C][H][W], in the order of graph.outputs.
  [[nodiscard]] std::vector<Tensor<float>> run(const Tensor<float>& batch, const RunHooks& hooks = {}) const;
  /// The same in chunks of `batch_size` images; outputs are concatenated over the first axis. With on_input or
  /// on_output the chunks run one after the other, so that it sees the images in order; without it two threads share
  /// them.
  [[nodiscard]] std::vector<Tensor<float>> run_all(const Tensor<float>& inputs, const RunHooks& hooks = {},
                                                   std::int64_t batch_size = 250) const;
  /// Outputs for any number of inputs of any type, by name; what the conformance tests of ONNX need.
  [[nodiscard]] std::vector<graph::Constant> evaluate(const std::map<std::string, graph::Constant>& inputs) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Fails unless the network has one input that takes `shape` [N]...
void check_input(const graph::Graph& graph, const Shape& shape);

/// Images whose largest output (the first on ties) is the label, over the number of images. Output 0 is [N][classes].
[[nodiscard]] double accuracy(const Executor& executor, const Tensor<float>& inputs,
                              const std::vector<std::int64_t>& labels, const RunHooks& hooks = {},
                              std::int64_t batch_size = 250);
/// The same from outputs that run_all returned.
[[nodiscard]] double accuracy(const std::vector<Tensor<float>>& outputs, const std::vector<std::int64_t>& labels);

}  // namespace rebasis::run
