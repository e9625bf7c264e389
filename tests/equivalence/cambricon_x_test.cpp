// Cambricon-X on random layers: `fast` = `clocked` = integer convolution, over every parameter.
#include <doctest/doctest.h>

#include "common/error.h"
#include "sim/cambricon_x/plan.h"
#include "sim/core/system.h"
#include "tests/support/cambricon_x_case.h"
#include "tests/support/model_equivalence.h"

using namespace rebasis;
using namespace rebasis::sim::cambricon_x;

namespace {

std::unique_ptr<sim::LayerPlan> plan_of(const test::RandomDenseLayer& layer, const arch::CambriconXSpec& spec, const sim::CounterNames& names) {
  const auto memory = sim::make_dram(sim::dram_spec(spec));
  try {
    return make_plan(layer.layer, spec, names, sim::speed_of(*memory));
  } catch (const Error& error) {
    if (error.status() != Status::infeasible) throw;
    return nullptr;
  }
}

}  // namespace

TEST_CASE("fast = clocked = integer convolution, on random layers and configurations") {
  test::for_random_cases(400, [](std::uint64_t seed) {
    test::Dice dice(seed);
    const test::RandomDenseLayer layer = test::random_dense_layer(dice);
    const arch::CambriconXSpec spec = test::random_cambricon_x(dice);
    const sim::CounterNames names = counter_names(spec);
    INFO(layer.describe());
    const auto plan = plan_of(layer, spec, names);
    if (plan == nullptr) return false;
    test::check_plan(*plan, names, layer.image(), spec, shell_names(spec).size());
    return true;
  });
}

TEST_CASE("the order in which the shells are evaluated does not matter") {
  test::for_random_cases(30, [](std::uint64_t seed) {
    test::Dice dice(seed + 7000);
    const test::RandomDenseLayer layer = test::random_dense_layer(dice);
    const arch::CambriconXSpec spec = test::random_cambricon_x(dice);
    const sim::CounterNames names = counter_names(spec);
    INFO(layer.describe());
    const auto plan = plan_of(layer, spec, names);
    if (plan == nullptr) return false;
    const sim::Activations image = layer.image();
    const auto memory = sim::make_dram(sim::dram_spec(spec)), again = sim::make_dram(sim::dram_spec(spec));
    const auto ordered = plan->machine(image, sim::port_to(*memory)), shuffled = plan->machine(image, sim::port_to(*again));
    const std::size_t shells = shell_names(spec).size();
    const sim::ClockedRun a = sim::run_machine(*ordered, shells), b = test::run_shuffled(*shuffled, shells, seed);
    CHECK(sim::first_difference(names, a.run.counters, b.run.counters) == "");
    CHECK(a.run.steps == b.run.steps);
    CHECK(a.outputs == b.outputs);
    return true;
  });
}
