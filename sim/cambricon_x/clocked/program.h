// What the blocks of the clocked machine find in their buffers for a weight tile: neurons to fetch for each line, steps
// for each lane, synapses for each PE.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/cambricon_x/assignment.h"

namespace rebasis::sim::cambricon_x {

/// A neuron that an output may need.
struct Candidate {
  std::int64_t group = 0, channel = 0, r = 0, s = 0;  ///< channel over all groups
};

/// Where a candidate of a filter is found.
struct Place {
  std::int64_t line = 0, offset = 0;
};

/// A filter as its lane and PE see it.
struct LaneFilter {
  std::int64_t number = 0;
  std::vector<Place> candidates;  ///< in the order r, s, c; line -1: not read, no lane needs it
  std::vector<std::uint32_t> steps;
  std::vector<std::int8_t> synapses;
  std::int64_t index_bits = 0;  ///< steps and count
};

struct Program {
  std::vector<std::vector<Candidate>> lines;   ///< of one output position
  std::vector<std::vector<LaneFilter>> lanes;  ///< by PE, in the order of work
};

[[nodiscard]] Program program_of(const SparseLayer& layer, const ConvTile& tile, const std::vector<Pass>& passes);

}  // namespace rebasis::sim::cambricon_x
