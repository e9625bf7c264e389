// Time and actions of a step, from recurrences over weight sets and columns. docs/accelerators/bit-pragmatic.md,
// "Cycles".
#pragma once

#include <vector>

#include "sim/bit_pragmatic/brick_table.h"
#include "sim/core/counters.h"
#include "sim/core/sequence/step_plan.h"

namespace rebasis::sim::bit_pragmatic {

/// Adds the step's actions and accounts to the counters.
[[nodiscard]] StepCost step_cost(const LayerShape& shape, const LayerBricks& bricks, const arch::BitPragmaticSpec& spec,
                                 const BrickTable& table, const ConvTile& tile, std::int64_t output_bytes,
                                 Counters& counters);

}  // namespace rebasis::sim::bit_pragmatic
