// What memory a training step holds over time. docs/training-on-device.md, "Memory".
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "workloads/training_step/step.h"

namespace rebasis::training {

/// What the bytes are.
enum class Held : std::size_t { weights, optimiser, gradients, activations, working, count };
[[nodiscard]] const char* name(Held held);

struct MemoryOptions {
  std::int64_t batch = 8;
  std::int64_t element_bytes = 4;  ///< of weights, activations and gradients
  std::int64_t states = 1;         ///< values that the optimiser keeps for each learning parameter
  std::int64_t state_bytes = 4;
  /// Each convolution is followed by a batch norm, which keeps its input and has two parameters a filter; where the
  /// next layer's activations are unsigned, a ReLU keeps its own (Table 16's counting). false: folded, and a ReLU in
  /// place.
  bool separate_norms = false;
  std::vector<std::int64_t> weight_bytes;  ///< by layer, of its stored weights; empty: parameters x element_bytes
  std::vector<std::int64_t> extra_bytes;   ///< by layer, in place of optimiser values (B's, counters); empty: states
};

/// Memory during one pass.
struct MemoryPoint {
  std::string layer;
  Pass pass = Pass::forward;
  bool again = false;
  std::array<std::int64_t, static_cast<std::size_t>(Held::count)> bytes{};
  [[nodiscard]] std::int64_t total() const;
};

/// One point a pass, in the order of passes_of(). Weights and optimiser values are always there; an input that a weight
/// gradient needs from its forward pass to that pass; gradients of parameters from their pass to their update; the maps
/// that a pass reads and writes while it runs.
[[nodiscard]] std::vector<MemoryPoint> memory_over_time(const std::vector<trace::LayerInfo>& layers,
                                                        const std::vector<bool>& has_bias,
                                                        const std::vector<LayerWork>& work,
                                                        const MemoryOptions& options);

/// Table 16 of Yang's dissertation for the same layers: elements of learning parameters, and of activations of `batch`
/// images that are kept.
struct Table16 {
  std::int64_t parameters = 0, activations = 0;
};
[[nodiscard]] Table16 table16(const std::vector<trace::LayerInfo>& layers, const std::vector<bool>& has_bias,
                              const std::vector<LayerWork>& work, const MemoryOptions& options);

}  // namespace rebasis::training
