// How a layer is cut into tiles for the board's buffers.
#pragma once

#include "sim/core/tiling/tiling.h"
#include "sim/pynq_ternary/job.h"

namespace rebasis::sim::pynq_ternary {

/// The tiler's view of the layer. Refers to `job`, whose steps need not exist yet.
[[nodiscard]] TilingProblem tiling_problem(const Job& job);

/// Checks that the smallest tile fits the input buffer's banks; throws Error(infeasible) that says what it would need.
void require_input_fits(const Job& job);

/// What the mapper sees of the memory: the slower of DRAM and AXI ports.
[[nodiscard]] MemorySpeed port_speed(const arch::PynqTernarySpec& spec, MemorySpeed memory);

}  // namespace rebasis::sim::pynq_ternary
