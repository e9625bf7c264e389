// What a training step keeps in memory and computes, from the graph alone (Yang's dissertation, Table 16 and
// Observation 2).
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "workloads/graph/graph.h"

namespace rebasis::train {

/// Of one step. A value takes four bytes.
struct TrainingCosts {
  std::int64_t parameters = 0;  ///< values of weights, biases, scales, shifts; of the whole network
  std::int64_t trained = 0;     ///< those that are trained
  std::int64_t kept = 0;        ///< activations kept for the backward pass, values
  std::int64_t kept_bits = 0;   ///< signs of rectifiers and positions of maxima, bits
  std::int64_t forward_macs = 0;
  std::int64_t backward_data_macs = 0;    ///< gradients of inputs, where something trained lies before
  std::int64_t backward_weight_macs = 0;  ///< gradients of trained weights

  [[nodiscard]] std::int64_t parameter_bytes() const { return 4 * parameters; }
  [[nodiscard]] std::int64_t activation_bytes() const { return 4 * kept + (kept_bits + 7) / 8; }
  /// The dissertation's training memory: parameters and kept activations.
  [[nodiscard]] std::int64_t bytes() const { return parameter_bytes() + activation_bytes(); }
  [[nodiscard]] std::int64_t backward_macs() const { return backward_data_macs + backward_weight_macs; }
};

/// Constants of `graph` that training may change: weights and biases of layers, scales and shifts of batch-norms.
[[nodiscard]] std::set<std::string> trainable_constants(const graph::Graph& graph);

/// `graph`: with batch-norms unfolded, and shapes of one image. `trained`: constants that are trained. A value is kept
/// once, whoever needs it: the input of a layer whose weights are trained, of a batch-norm whose scale is trained, the
/// factors of a product, the output of a sigmoid; a rectifier that a gradient passes keeps a bit a value, unless its
/// output is kept anyway, and a maximum a byte. Operators that add keep nothing.
[[nodiscard]] TrainingCosts training_costs(const graph::Graph& graph, const std::set<std::string>& trained,
                                           std::int64_t images);

}  // namespace rebasis::train
