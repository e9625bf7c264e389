// What a step takes and counts, from its extents and its pattern alone: the cycles depend on no value.
#pragma once

#include "sim/sparse_tensor_core/counters.h"
#include "sim/sparse_tensor_core/layer.h"

namespace rebasis::sim::sparse_tensor_core {

/// Adds the step's actions and accounts to `counters`. docs/accelerators/sparse-tensor-core.md, "Cycles of a step".
[[nodiscard]] StepCost step_cost(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec,
                                 const Pattern& pattern, const ConvTile& tile, Counters& counters);

}  // namespace rebasis::sim::sparse_tensor_core
