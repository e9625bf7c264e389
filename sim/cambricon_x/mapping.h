// Tiles of a layer and where each PE's synapses go.
#pragma once

#include <vector>

#include "sim/cambricon_x/assignment.h"
#include "sim/core/layer_plan.h"

namespace rebasis::sim::cambricon_x {

/// A layer mapped: steps, and the weight tile of each.
struct Mapping {
  Tiling tiling;
  StepPlan steps;
  DramBytes compulsory;
  std::vector<ConvTile> weight_tiles;     ///< groups, filters and channels of each distinct one
  std::vector<std::vector<Pass>> passes;  ///< of each
  std::vector<std::size_t> weight_tile_of_step;
};

[[nodiscard]] Mapping map_layer(const SparseLayer& layer, const MemorySpeed& memory);

}  // namespace rebasis::sim::cambricon_x
