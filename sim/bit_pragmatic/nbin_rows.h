// How the activations of a tile lie in NBin, and how many of its rows a pallet needs.
#pragma once

#include <cstdint>

#include "sim/bit_pragmatic/step_work.h"

namespace rebasis::sim::bit_pragmatic {

/// A lane's activation at the position (h, w) of the map, channels [0, depth) of the brick together: number of the
/// first row of NBin and of the last that holds them. The brick's channels of the whole map lie one position after the
/// other.
struct NbinRows {
  std::int64_t first = 0, last = 0;
};

[[nodiscard]] inline NbinRows nbin_rows(const LayerShape& shape, const arch::BitPragmaticSpec& spec, const Brick& brick,
                                        std::int64_t h, std::int64_t w) {
  const std::int64_t depth = brick.channels.size(), row_values = spec.nbin_row_bricks * spec.lanes;
  const std::int64_t address = (h * shape.W + w) * depth;
  return {address / row_values, (address + depth - 1) / row_values};
}

}  // namespace rebasis::sim::bit_pragmatic
