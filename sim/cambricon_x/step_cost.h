// Time and actions of a step in `fast`: recurrences over lines and lanes. docs/accelerators/cambricon-x.md, "Cycle
// rules".
#pragma once

#include "sim/cambricon_x/counters.h"
#include "sim/cambricon_x/line_costs.h"
#include "sim/core/sequence/step_plan.h"

namespace rebasis::sim::cambricon_x {

/// Where the cycles of a step go, over all lanes.
struct StepTime {
  Cycle issue = 0;
  std::int64_t busy = 0, index = 0, inputs = 0, imbalance = 0;
  std::int64_t lines_read = 0;
};

/// Time of `positions` outputs of every filter; `line_registers` >= 2.
[[nodiscard]] StepTime step_time(const LineCosts& costs, std::int64_t positions, const arch::CambriconXSpec& spec);

/// Adds a step's cycles and actions.
void charge_step(const SparseLayer& layer, const ConvTile& tile, const LineCosts& costs, const StepTime& time,
                 Counters& counters);

}  // namespace rebasis::sim::cambricon_x
