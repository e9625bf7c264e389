// Layers of the accelerator in the common form (sim/core/layer_plan.h).
#pragma once

#include <memory>

#include "sim/core/layer_plan.h"
#include "sim/pynq_ternary/layer.h"

namespace rebasis::sim::pynq_ternary {

/// Maps the layer. `spec` and `names` outlive the plan. Throws Error(infeasible) when a buffer is too small.
[[nodiscard]] std::unique_ptr<LayerPlan> make_plan(TernaryLayer layer, const arch::PynqTernarySpec& spec,
                                                   const CounterNames& names, const MemorySpeed& memory);

}  // namespace rebasis::sim::pynq_ternary
