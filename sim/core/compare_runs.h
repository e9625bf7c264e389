// What differs between two runs, in words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/layer_plan.h"

namespace rebasis::sim {

/// First difference between two runs of a plan, in words; empty when they are equal.
[[nodiscard]] std::string compare_runs(const LayerPlan& plan, const CounterNames& names, const LayerRun& fast,
                                       const LayerRun& clocked);
/// First output that differs from LayerPlan::expected_outputs(), in words; empty when all are equal.
[[nodiscard]] std::string compare_outputs(const LayerPlan& plan, const Activations& image,
                                          const std::vector<std::int64_t>& outputs);

}  // namespace rebasis::sim
