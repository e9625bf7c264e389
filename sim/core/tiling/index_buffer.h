// Weights whose index lies in a buffer of its own.
#pragma once

#include "sim/core/sequence/step_plan.h"

namespace rebasis::sim {

/// Takes the index out of the weight buffer's loads into a third buffer with as many banks; `write_action` counts its
/// bytes. For the plans of tile_steps().
void split_index(StepPlan& plan, std::size_t write_action);

}  // namespace rebasis::sim
