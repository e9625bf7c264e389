// Real numbers to the integers of a trace.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/tensor.h"

namespace rebasis::layer_list {

/// Integer weights and what one unit of each filter is worth.
struct QuantisedWeights {
  std::vector<std::int8_t> values;
  std::vector<float> scale;  ///< [M]
};

/// Nearest integer (ties to even) of value / scale[m] in -127..127. `scale` empty: the largest magnitude of each filter
/// becomes 127, and a filter of zeros gets scale 1. Values beyond the range are clamped.
[[nodiscard]] QuantisedWeights quantise_weights(const Tensor<float>& weights, std::vector<float> scale);

/// Nearest integer of value / scale, clamped to [low, high]. Code: std::int8_t, std::uint8_t, std::int16_t or
/// std::uint16_t.
template <class Code>
[[nodiscard]] std::vector<Code> quantise_activations(const Tensor<float>& activations, double scale, int low, int high);

/// Fixed-point basis of each filter: the most fraction bits with which the largest magnitude rounds to at most 127.
struct QuantisedBasis {
  std::vector<std::int8_t> values;
  std::vector<std::int8_t> shift;  ///< [M]
};
[[nodiscard]] QuantisedBasis quantise_basis(const Tensor<float>& basis);

}  // namespace rebasis::layer_list
