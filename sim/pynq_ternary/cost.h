// Steps in `fast`: recurrences over sets of weight groups instead of cycles.
#pragma once

#include "sim/core/counters.h"
#include "sim/pynq_ternary/job.h"

namespace rebasis::sim::pynq_ternary {

/// Time of a step; adds its actions and its cycles by cause.
[[nodiscard]] StepCost step_cost(const Job& job, const Step& step, Counters& counters);

/// Busy cycles of the output path for a step.
[[nodiscard]] Cycle scaling_cycles(const Job& job, const Step& step);

/// How a map is cut.
struct MapTile {
  std::int64_t rows = 1, columns = 1;
};
/// The mapper's estimate of the cycles that `units` weight groups take on the whole map of `tile`, cut into `cut`.
[[nodiscard]] double estimate_cycles(const Job& job, const ConvTile& tile, const MapTile& cut, double units);

}  // namespace rebasis::sim::pynq_ternary
