// The arithmetic that a clocked run must reproduce: a direct integer convolution, written straight from equation 1.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/layer_shape.h"

namespace rebasis::sim {

/// O[m][e][f] = sum over c, r, s of W[m][c][r][s] * I[c][eU + rD - P][fU + sD - P]; inputs outside the map are 0.
/// weights [M][C/groups][R][S]; inputs [C][H][W]; result [M][E][F], exact in 64 bits.
template <class Weight, class Input>
std::vector<std::int64_t> reference_convolution(const LayerShape& shape, const std::vector<Weight>& weights,
                                                const Input& input) {
  std::vector<std::int64_t> output(static_cast<std::size_t>(shape.M * shape.E() * shape.F()));
  const std::int64_t group_channels = shape.channels_per_group();
  std::size_t o = 0;
  for (std::int64_t m = 0; m < shape.M; ++m) {
    const std::int64_t first_channel = m / shape.filters_per_group() * group_channels;
    for (std::int64_t e = 0; e < shape.E(); ++e) {
      for (std::int64_t f = 0; f < shape.F(); ++f, ++o) {
        auto w = weights.begin() + m * group_channels * shape.R * shape.S;
        for (std::int64_t c = 0; c < group_channels; ++c) {
          for (std::int64_t r = 0; r < shape.R; ++r) {
            for (std::int64_t s = 0; s < shape.S; ++s, ++w) {
              const std::int64_t h = e * shape.stride_h + r * shape.dilation_h - shape.pad_top;
              const std::int64_t column = f * shape.stride_w + s * shape.dilation_w - shape.pad_left;
              output[o] += static_cast<std::int64_t>(*w) * input(first_channel + c, h, column);
            }
          }
        }
      }
    }
  }
  return output;
}

}  // namespace rebasis::sim
