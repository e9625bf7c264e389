// The `fast` fidelity: the cycle rules of docs/accelerators/smartdeal.md as recurrences over row segments. It computes no
// values and visits no cycle in which nothing changes; `clocked` steps the same rules cycle by cycle.
#pragma once

#include <cstdint>
#include <vector>

#include "arch/smartdeal/spec.h"
#include "sim/result.h"
#include "sim/smartdeal/counters.h"
#include "sim/smartdeal/dma.h"
#include "sim/smartdeal/layer_data.h"
#include "sim/smartdeal/mapping.h"
#include "sim/smartdeal/schedule.h"

namespace rebasis::sim::smartdeal {

/// When each output tile group leaves the array, for the timeline and for finding the first difference.
struct TileTimes {
  std::int64_t block = 0, tile = 0;
  Cycle ready = 0;    ///< block's data and weights are in place
  Cycle done = 0;     ///< last slice has finished its partial sums
  Cycle drained = 0;  ///< last output is in the output buffer
  bool operator==(const TileTimes&) const = default;
};

struct LayerRun {
  Counters counters;
  std::vector<TileTimes> tiles;
};

/// Everything a simulation of one layer and image needs; all parts outlive the run.
struct LayerJob {
  const LayerData& layer;
  const Activations& activations;
  const Mapping& mapping;
  const CostTable& costs;
  const arch::SmartDealSpec& spec;
  bool keep_tiles = false;  ///< fill LayerRun::tiles
};

[[nodiscard]] LayerRun run_fast(const LayerJob& job, const DramPort& port);

}  // namespace rebasis::sim::smartdeal
