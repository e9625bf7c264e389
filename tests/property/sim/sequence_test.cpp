// Step sequences: for random plans, costs and memories the recurrences of `fast` are the schedule that `clocked` steps.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "tests/support/dice.h"
#include "tests/support/toy_core.h"

using namespace rebasis::sim;
using namespace rebasis::test;

namespace {

std::vector<Transfer> random_transfers(Dice& dice, TensorClass tensor) {
  std::vector<Transfer> transfers;
  for (std::int64_t n = dice.between(0, 3); n > 0; --n) {
    transfers.push_back({tensor, static_cast<std::uint64_t>(dice.between(0, 1 << 20)),
                         static_cast<std::uint64_t>(dice.between(1, 300))});
  }
  return transfers;
}

StepPlan random_plan(Dice& dice) {
  StepPlan plan;
  plan.buffers.resize(static_cast<std::size_t>(dice.between(1, 3)));
  for (StepBuffer& buffer : plan.buffers) {
    buffer = {static_cast<std::size_t>(dice.between(1, 3)), static_cast<std::size_t>(dice.between(1, 3)), {}};
    if (dice.chance(0.5)) buffer.write_action = 0;
  }
  plan.channels = 4;
  plan.output_banks = static_cast<std::size_t>(dice.between(1, 3));
  plan.result_slots = static_cast<std::size_t>(dice.between(1, 4));
  plan.output_read_action = 1;
  plan.output_write_action = 2;
  const std::int64_t steps = dice.between(1, 30);
  std::vector<bool> begins;
  for (std::int64_t i = 0; i < steps; ++i) begins.push_back(i == 0 || dice.chance(0.5));
  for (std::size_t i = 0; i < begins.size(); ++i) {
    Step step;
    for (std::size_t buffer = 0; buffer < plan.buffers.size(); ++buffer) {
      if (i == 0 || dice.chance(0.5)) step.loads.push_back({buffer, random_transfers(dice, TensorClass::inputs)});
    }
    step.begins_output = begins[i];
    if (begins[i] && dice.chance(0.3)) step.partial_sums = {{TensorClass::outputs, 0, 40}};
    if (i + 1 == begins.size() || begins[i + 1])
      step.stores = {{TensorClass::outputs, 0, static_cast<std::uint64_t>(dice.between(1, 200))}};
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

}  // namespace

TEST_CASE("fast and clocked schedule random plans alike") {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    const StepPlan plan = random_plan(dice);
    std::vector<StepCost> costs;
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      costs.push_back(
          {dice.pick<Cycle>({1, 1, 2, 5, 40}), dice.pick<Cycle>({0, 1, 3, 20}), dice.pick<Cycle>({0, 0, 1, 15})});
    }
    const DmaLimits limits{dice.pick<std::int64_t>({8, 64, 512}), dice.pick<std::int64_t>({1, 2, 8})};
    const DramSpec memory{dice.pick<std::string>({"unlimited", "bandwidth", "lpddr4-3200-x32"}),
                          dice.pick<double>({1, 20}), dice.pick<double>({0, 50})};
    const auto dram = make_dram(memory), again = make_dram(memory);
    const CounterNames names = toy_names();
    const LayerRun fast = toy_fast(plan, costs, names, limits, port_to(*dram));
    const LayerRun clocked = toy_clocked(plan, costs, names, limits, port_to(*again));
    REQUIRE(fast.steps == clocked.steps);
    REQUIRE(first_difference(names, fast.counters, clocked.counters) == "");
    REQUIRE(dram->counters() == again->counters());
    for (std::size_t i = 1; i < fast.steps.size(); ++i) {
      CHECK(fast.steps[i].ready >= fast.steps[i - 1].done);
      CHECK(fast.steps[i].drained >= fast.steps[i - 1].drained);
    }
  }
}
