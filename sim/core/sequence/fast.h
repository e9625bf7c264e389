// Step sequences in `fast`: recurrences over steps instead of cycles.
#pragma once

#include <functional>

#include "sim/core/machine.h"
#include "sim/core/sequence/ports.h"

namespace rebasis::sim {

/// Time of step `index`. Adds its actions, and for each block of the core instances * issue cycles, to the counters.
using StepCostFunction = std::function<StepCost(std::size_t index, Counters& counters)>;

/// Runs the plan. `names` come from sequence_names(). Sets `working` to the first block's copies when `cost` has not.
[[nodiscard]] LayerRun run_sequence(const StepPlan& plan, const CounterNames& names, DmaLimits limits,
                                    const DramPort& port, const StepCostFunction& cost, bool keep_steps);

/// Charges `cycles` cycles to every copy of every block of the core (all but weight decoder and DMA).
void charge_core(const CounterNames& names, Counters& counters, Cause cause, Cycle cycles);

}  // namespace rebasis::sim
