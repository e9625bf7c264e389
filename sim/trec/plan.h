// Layers on the accelerator with a reuse unit in the common form (sim/core/layer_plan.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/core/layer_plan.h"
#include "sim/trec/layer.h"

namespace rebasis::sim::trec {

/// Shells of the clocked machine and its waveform; DianNao's first.
[[nodiscard]] std::vector<std::string> shell_names();
[[nodiscard]] std::vector<std::string> probe_names();

/// Maps a layer whose products are reused. `spec` and `names` outlive the plan. Throws Error(infeasible) that names the
/// layer and the memory.
[[nodiscard]] std::unique_ptr<LayerPlan> make_plan(ReuseLayer layer, const arch::TrecSpec& spec,
                                                   const CounterNames& names, const MemorySpeed& memory);

}  // namespace rebasis::sim::trec
