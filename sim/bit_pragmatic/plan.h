// A layer on Bit-Pragmatic (sim/core/layer_plan.h).
#pragma once

#include <map>
#include <memory>
#include <string>

#include "arch/bit_pragmatic/spec.h"
#include "sim/bit_pragmatic/names.h"
#include "sim/core/dense_layer.h"
#include "sim/core/layer_plan.h"

namespace rebasis::sim::bit_pragmatic {

/// Maps the layer. `spec` and `names` outlive the plan; `statistics` are shown with the result. Throws
/// Error(infeasible) that names the layer, the buffer and what it would need.
[[nodiscard]] std::unique_ptr<LayerPlan> make_plan(DenseLayer layer, const arch::BitPragmaticSpec& spec,
                                                   const CounterNames& names, const MemorySpeed& memory,
                                                   std::map<std::string, double> statistics = {});

}  // namespace rebasis::sim::bit_pragmatic
