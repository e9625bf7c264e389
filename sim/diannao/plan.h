// DianNao's layers in the common form (sim/core/layer_plan.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/core/layer_plan.h"
#include "sim/diannao/layer.h"

namespace rebasis::sim::diannao {

/// Shells of the clocked machine and its waveform.
[[nodiscard]] std::vector<std::string> shell_names();
[[nodiscard]] std::vector<std::string> probe_names();

/// Maps the layer. `spec` and `names` outlive the plan; `names` may have further blocks and actions behind DianNao's.
/// Throws Error(infeasible) that names the layer and the buffer.
[[nodiscard]] std::unique_ptr<LayerPlan> make_plan(DenseLayer layer, const arch::DianNaoSpec& spec,
                                                   const CounterNames& names, const MemorySpeed& memory);

}  // namespace rebasis::sim::diannao
