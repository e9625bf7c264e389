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

/// A layer in numbers of elements; maps are of one image.
struct LayerElements {
  std::string name;
  std::int64_t input = 0, output = 0;
  std::int64_t weights = 0, biases = 0;
  std::int64_t scales = 0;          ///< two a filter when a batch norm is behind the layer
  std::int64_t norm = 0, relu = 0;  ///< elements that a batch norm and a ReLU behind the layer read; 0: there is none
};

/// Of the layers of a trace. `separate_norms`: a batch norm behind every convolution, as before folding, and a ReLU
/// where the next layer's inputs are unsigned; otherwise norms are folded and a ReLU works in place.
[[nodiscard]] std::vector<LayerElements> elements_of(const std::vector<trace::LayerInfo>& layers,
                                                     const std::vector<bool>& has_bias, bool separate_norms);

struct MemoryOptions {
  std::int64_t batch = 8;
  std::int64_t element_bytes = 4;  ///< of weights, activations and gradients
  std::int64_t states = 1;         ///< values that the optimiser keeps for each learning parameter
  std::int64_t state_bytes = 4;
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
/// gradient needs from its forward pass to that pass, what a norm and a ReLU keep to the layer's last backward pass;
/// gradients of parameters from their pass to their update; the maps that a pass reads and writes while it runs.
[[nodiscard]] std::vector<MemoryPoint> memory_over_time(const std::vector<LayerElements>& layers,
                                                        const std::vector<LayerWork>& work,
                                                        const MemoryOptions& options);
/// The point with the most bytes; the first of several.
[[nodiscard]] const MemoryPoint& peak_of(const std::vector<MemoryPoint>& points);

/// Table 16 of Yang's dissertation: learning parameters p, and activations a of `batch` images that are stored, in
/// elements. Convolution c_in c_out kh kw and n c_in h w; FC with c_out more; norm 2 c_out and its input; ReLU its
/// input.
struct Table16 {
  std::int64_t parameters = 0, activations = 0;
};
[[nodiscard]] Table16 table16(const std::vector<LayerElements>& layers, const std::vector<LayerWork>& work,
                              std::int64_t batch);

/// A stacked chart over the passes of a step, as SVG. `lines`: horizontal lines in bytes with what they say.
[[nodiscard]] std::string memory_chart(const std::string& title, const std::vector<MemoryPoint>& points,
                                       const std::vector<std::pair<double, std::string>>& lines);

}  // namespace rebasis::training
