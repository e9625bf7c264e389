// A layer of a trace on Cambricon-X.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/cambricon_x/counters.h"
#include "sim/core/dense_layer.h"
#include "sim/core/layer_plan.h"

namespace rebasis::sim::cambricon_x {

/// Shells of the clocked machine and its waveform.
[[nodiscard]] std::vector<std::string> shell_names(const arch::CambriconXSpec& spec);
[[nodiscard]] std::vector<std::string> probe_names();

/// Maps the layer. `spec` and `names` outlive the plan. Throws Error(infeasible) that names the layer and the buffer.
[[nodiscard]] std::unique_ptr<LayerPlan> make_plan(DenseLayer layer, const arch::CambriconXSpec& spec,
                                                   const CounterNames& names, const MemorySpeed& memory);

}  // namespace rebasis::sim::cambricon_x
