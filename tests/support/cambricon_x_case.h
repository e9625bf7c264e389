// Configurations of Cambricon-X for tests.
#pragma once

#include <memory>

#include "arch/cambricon_x/spec.h"
#include "sim/cambricon_x/step_cost.h"
#include "sim/core/layer_plan.h"
#include "tests/support/dice.h"
#include "tests/support/model_equivalence.h"

namespace rebasis::test {

/// Every parameter varied; small enough that random layers need many tiles.
arch::CambriconXSpec random_cambricon_x(Dice& dice);
/// Buffers that hold any layer of the tests whole, no memory in the timing, filters in order, steps that need no
/// placeholder.
arch::CambriconXSpec roomy_cambricon_x(std::int64_t pes, std::int64_t multipliers, std::int64_t scan);

/// A layer on a configuration; they live as long as the plan.
struct CambriconXCase {
  CambriconXCase(RandomDenseLayer layer_of, const arch::CambriconXSpec& spec_of);
  RandomDenseLayer layer;
  arch::CambriconXSpec spec;
  sim::CounterNames names;
  std::unique_ptr<sim::LayerPlan> plan;  ///< null: infeasible, see `reason`
  std::string reason;
  [[nodiscard]] sim::LayerRun run() const;
};

/// Time of the whole layer in a single step, whatever the buffers hold.
[[nodiscard]] sim::cambricon_x::StepTime whole_step(const RandomDenseLayer& layer, const arch::CambriconXSpec& spec);

}  // namespace rebasis::test
