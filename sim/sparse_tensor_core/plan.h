// The sparse tensor core's layers in the common form (sim/core/layer_plan.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/core/layer_plan.h"
#include "sim/sparse_tensor_core/mapping.h"

namespace rebasis::sim::sparse_tensor_core {

/// Shells of the clocked machine and its waveform.
[[nodiscard]] std::vector<std::string> shell_names();
[[nodiscard]] std::vector<std::string> probe_names();

/// Maps the layer. `spec` and `names` outlive the plan. Throws Error(infeasible) that names the layer and the buffer.
[[nodiscard]] std::unique_ptr<LayerPlan> make_plan(DenseLayer layer, const arch::SparseTensorCoreSpec& spec,
                                                   const CounterNames& names, const MemorySpeed& memory);

}  // namespace rebasis::sim::sparse_tensor_core
