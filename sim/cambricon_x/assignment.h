// Which PE computes which filter of a tile, and when. The synapses are known before the network runs, so this is the
// compiler's work. docs/accelerators/cambricon-x.md, "Assignment".
#pragma once

#include <cstdint>
#include <vector>

#include "sim/cambricon_x/sparse_layer.h"

namespace rebasis::sim::cambricon_x {

/// One filter a PE, at most, over the same lines of neurons.
struct Pass {
  std::vector<std::int64_t> filter;  ///< by PE, numbered over all groups; none: -1
  Range groups;                      ///< of its filters
};

[[nodiscard]] std::vector<Pass> assign(const SparseLayer& layer, const ConvTile& tile);

/// Bytes of the fullest synapse buffer.
[[nodiscard]] std::int64_t fullest_sb(const SparseLayer& layer, const ConvTile& tile, const std::vector<Pass>& passes);
/// Cycles of the busiest lane for one output position, if lines were always there.
[[nodiscard]] std::int64_t busiest_lane(const SparseLayer& layer, const ConvTile& tile,
                                        const std::vector<Pass>& passes);

}  // namespace rebasis::sim::cambricon_x
