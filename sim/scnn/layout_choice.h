// Which accumulator layout a layer gets: the one whose steps take the least time on a sample of the layer.
#pragma once

#include <vector>

#include "sim/scnn/mapping.h"

namespace rebasis::sim::scnn {

/// A layout with the filters of a group that fit a PE with it.
struct LayoutCandidate {
  AccumulatorLayout layout;
  std::int64_t filters = 1;
};

/// Index of the best of `candidates`. `lanes`: ranges of filters that a group has at once.
[[nodiscard]] std::size_t best_layout(const DenseLayer& layer, const Activations& image, const PlanarTile& tile,
                                      const std::vector<LayoutCandidate>& candidates, std::int64_t lanes,
                                      const arch::ScnnSpec& spec);

}  // namespace rebasis::sim::scnn
