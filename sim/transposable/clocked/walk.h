// The loops of the array's control over one tile, position by position: an independent statement of geometry.h, which
// finds the positions of a kernel row by asking each one.
#pragma once

#include <vector>

#include "sim/transposable/job.h"

namespace rebasis::sim::transposable {

/// Joins Y[image][.][e][f] with X[image][.][h][w] by a kernel position.
struct MapPosition {
  std::int64_t image = 0, e = 0, f = 0, h = 0, w = 0;
};

/// A pair of groups' filters and channels that are in the array at once, by their numbers over all groups.
struct WalkBlock {
  std::vector<std::int64_t> filters, channels;
  std::int64_t r = 0, s = 0;
  bool bias = false;
  std::vector<MapPosition> positions;
  [[nodiscard]] bool pair(const LayerShape& shape, std::int64_t filter, std::int64_t channel) const {
    return filter / shape.filters_per_group() == channel / shape.channels_per_group();
  }
};

/// All blocks of a tile that have a position, in order.
[[nodiscard]] std::vector<WalkBlock> walk(const Job& job, const arch::TransposableSpec& spec, const Tile& tile);

}  // namespace rebasis::sim::transposable
