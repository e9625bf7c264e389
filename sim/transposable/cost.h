// What a step takes and counts. docs/accelerators/transposable.md, "Cycles of a step".
#pragma once

#include "sim/core/counters.h"
#include "sim/transposable/counters.h"
#include "sim/transposable/geometry.h"

namespace rebasis::sim::transposable {

/// Adds the actions and accounts of a step on the array; `new_weights`: its weights have just been loaded.
[[nodiscard]] StepCost array_cost(const Job& job, const arch::TransposableSpec& spec, const Tile& tile,
                                  bool new_weights, Counters& counters);

/// Cycles of loading a block's weights into the array, or of taking a block's sums out of it.
[[nodiscard]] std::int64_t exchange_cycles(const Job& job, const arch::TransposableSpec& spec, const Block& block);

}  // namespace rebasis::sim::transposable
