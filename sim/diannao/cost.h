// What a step takes and counts, from its extents alone: DianNao's cycles depend on no value.
#pragma once

#include "sim/core/counters.h"
#include "sim/diannao/counters.h"
#include "sim/diannao/layer.h"

namespace rebasis::sim::diannao {

/// Adds the step's actions and accounts to `counters`. docs/accelerators/diannao.md, "Cycles of a step".
[[nodiscard]] StepCost step_cost(const DenseLayer& layer, const arch::DianNaoSpec& spec, const ConvTile& tile,
                                 Counters& counters);

}  // namespace rebasis::sim::diannao
