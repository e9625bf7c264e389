// Steps in `fast`: recurrences over sets of weight groups instead of cycles.
#pragma once

#include "sim/core/counters.h"
#include "sim/pynq_ternary/job.h"

namespace rebasis::sim::pynq_ternary {

/// Time of a step; adds its actions and its cycles by cause.
[[nodiscard]] StepCost step_cost(const Job& job, const Step& step, Counters& counters);

/// Busy cycles of the output path for a step.
[[nodiscard]] Cycle scaling_cycles(const Job& job, const Step& step);

/// The mapper's estimate of the cycles of a tile.
[[nodiscard]] double estimate_cycles(const Job& job, const ConvTile& tile, double units);

}  // namespace rebasis::sim::pynq_ternary
