// Cycles that each lane spends on each line of neurons of a tile, for one output position: counts of synapses, no
// values. Lines that no lane needs are not read and not listed.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/cambricon_x/assignment.h"

namespace rebasis::sim::cambricon_x {

struct LineCosts {
  std::int64_t pes = 0;
  std::vector<std::int32_t> cycles;      ///< [line][PE]; 0: the lane does not need the line
  std::vector<std::int64_t> candidates;  ///< neurons of each line
  std::int64_t empty = 0;                ///< lines in which a needed line holds no synapse, over all lanes
  std::vector<std::int64_t> of_tap;      ///< neurons of all lines that belong to kernel position r * S + s
  // Over the filters of the tile:
  std::int64_t filters = 0, kept = 0, non_zero = 0, synapse_bytes = 0, index_bytes = 0;

  [[nodiscard]] std::int64_t lines() const { return static_cast<std::int64_t>(candidates.size()); }
};

[[nodiscard]] LineCosts line_costs(const SparseLayer& layer, const ConvTile& tile, const std::vector<Pass>& passes);

}  // namespace rebasis::sim::cambricon_x
