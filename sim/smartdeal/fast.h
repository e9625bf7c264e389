// The `fast` fidelity: the cycle rules of docs/accelerators/smartdeal.md as recurrences over row segments. It computes
// no values and visits no cycle in which nothing changes; `clocked` steps the same rules cycle by cycle.
#pragma once

#include <cstdint>
#include <vector>

#include "arch/smartdeal/spec.h"
#include "sim/core/dma.h"
#include "sim/result.h"
#include "sim/smartdeal/counters.h"
#include "sim/smartdeal/layer_data.h"
#include "sim/smartdeal/mapping.h"
#include "sim/smartdeal/schedule.h"

namespace rebasis::sim::smartdeal {

using TileTimes = StepTimes;  ///< block and tile group

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
