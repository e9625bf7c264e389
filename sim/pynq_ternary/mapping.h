// How a layer is cut into tiles for the board's buffers.
#pragma once

#include "sim/core/tiling/tiling.h"
#include "sim/pynq_ternary/job.h"

namespace rebasis::sim::pynq_ternary {

/// The tiler's view of a layer whose map is cut into tiles of `rows` x `columns` outputs. Refers to `job`, whose steps
/// need not exist yet.
[[nodiscard]] TilingProblem tiling_problem(const Job& job, std::int64_t rows, std::int64_t columns);

struct MappedLayer {
  Tiling tiling;
  StepPlan steps;
};
/// The best tiling by `mapper.objective`. Rows are cut before columns: a pass over narrower tiles sweeps more columns
/// in vain. Throws Error(infeasible) that says which buffer is too small.
[[nodiscard]] MappedLayer map_layer(const Job& job, const MemorySpeed& memory);

}  // namespace rebasis::sim::pynq_ternary
