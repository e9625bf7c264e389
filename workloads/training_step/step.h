// A training step of a network as a list of passes. docs/training-on-device.md
//
//   forward          Y = W * X
//   backward_data    dX = W^T * dY     the gradient of the layer's input
//   backward_weight  dW = dY x X       the gradients of weights and biases
//   update           what the optimiser reads and writes
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "workloads/trace/trace.h"

namespace rebasis::training {

enum class Pass { forward, backward_data, backward_weight, update };
/// "forward", "backward-data", "backward-weight", "update".
[[nodiscard]] const char* name(Pass pass);

/// Which parameters learn and how far gradients flow. Lists hold names of layers divided by commas; a `*` stands for
/// any characters.
struct StepOptions {
  std::string method = "dense";  ///< dense | sd-t | last-layer | bias-only | forward
  std::string frozen = {};       ///< these do not learn, whatever the method says
  std::string trainable = {};    ///< not empty: these learn (weights and biases), all others do not
  std::string detached = {};     ///< no gradient flows through these to the layers before; they do not learn
  std::int64_t recompute = 1;    ///< segments; above 1, inputs inside a segment are not kept but computed again
};

/// What a step asks of one layer.
struct LayerWork {
  bool learns_weights = false, learns_bias = false;
  bool backward_data = false;  ///< a layer before it learns
  bool recomputed = false;     ///< its forward pass runs a second time, before the backward passes of its segment
  bool keeps_input = false;    ///< its input is needed for the gradient of its weights
  std::size_t segment = 0;
  [[nodiscard]] bool learns() const { return learns_weights || learns_bias; }
  [[nodiscard]] bool backward() const { return learns() || backward_data; }
};

/// One pass of one layer; `again`: forward for the second time.
struct PassOfLayer {
  Pass pass = Pass::forward;
  std::size_t layer = 0;
  bool again = false;
};

/// The work of each layer. The layers of a trace are in the order in which they run; a layer needs the gradient of its
/// input when any layer before it learns, parallel branches included. Throws Error(bad_input) for a list that names no
/// layer.
[[nodiscard]] std::vector<LayerWork> work_of(const std::vector<trace::LayerInfo>& layers, const StepOptions& options);

/// All passes in order: forward through the network, then from the last layer back: gradients of its parameters, their
/// update, the gradient of its input.
[[nodiscard]] std::vector<PassOfLayer> passes_of(const std::vector<LayerWork>& work);

}  // namespace rebasis::training
