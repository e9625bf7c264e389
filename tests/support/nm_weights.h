// Weights in N:M patterns.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/core/dense_layer.h"
#include "tests/support/dice.h"

namespace rebasis::test {

/// Of each `of` consecutive channels of a filter, at the same place of the kernel, any `kept` stay; the others' weights
/// become zero.
inline void keep_of_groups(sim::DenseLayer& layer, std::int64_t kept, std::int64_t of, Dice& dice) {
  const LayerShape& shape = layer.shape();
  const std::int64_t channels = shape.channels_per_group(), kernel = shape.R * shape.S;
  for (std::int64_t m = 0; m < shape.M; ++m) {
    for (std::int64_t first = 0; first < channels; first += of) {
      for (std::int64_t k = 0; k < kernel; ++k) {
        std::vector<std::int64_t> group;
        for (std::int64_t c = first; c < std::min(first + of, channels); ++c) group.push_back(c);
        while (static_cast<std::int64_t>(group.size()) > kept) {
          const auto chosen = dice.between(0, static_cast<std::int64_t>(group.size()) - 1);
          layer.weights[static_cast<std::size_t>((m * channels + group[static_cast<std::size_t>(chosen)]) * kernel +
                                                 k)] = 0;
          group.erase(group.begin() + chosen);
        }
      }
    }
  }
}

}  // namespace rebasis::test
