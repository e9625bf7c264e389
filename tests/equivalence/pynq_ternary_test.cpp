// The PE-wise ternary accelerator: both fidelities and integer convolution, on random layers and configurations.
#include <doctest/doctest.h>

#include "common/error.h"
#include "sim/core/system.h"
#include "tests/support/model_equivalence.h"
#include "tests/support/pynq_ternary_case.h"

namespace {

using namespace rebasis;

/// False when the configuration cannot run the layer.
bool check(test::TernaryCase layer, const arch::PynqTernarySpec& spec) {
  INFO(layer.describe());
  try {
    test::MappedCase mapped(std::move(layer), spec);
    test::check_plan(mapped.plan(), mapped.names(), mapped.image(), spec, mapped.shells());
  } catch (const Error& error) {
    if (error.status() == Status::infeasible) return false;
    throw;
  }
  return true;
}

TEST_CASE("ternary layers: fast equals clocked, clocked equals integer convolution") {
  test::for_random_cases(300, [](std::uint64_t seed) {
    test::Dice dice(seed);
    test::TernaryCase layer = test::random_ternary_layer(dice);
    return check(std::move(layer), test::random_board_spec(dice));
  });
}

TEST_CASE(
    "layers in full precision, on the MAC engine or on PEs of MACs: fast equals clocked, clocked equals integer "
    "convolution") {
  test::for_random_cases(150, [](std::uint64_t seed) {
    test::Dice dice(seed + 1000000);
    test::TernaryCase layer = test::random_full_precision_layer(dice);
    return check(std::move(layer), test::random_board_spec(dice));
  });
}

TEST_CASE("the shells of a cycle may run in any order") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    test::Dice dice(seed);
    test::TernaryCase layer =
        seed % 4 == 0 ? test::random_full_precision_layer(dice) : test::random_ternary_layer(dice);
    const auto spec = test::random_board_spec(dice);
    INFO("seed " << seed << ": " << layer.describe());
    try {
      test::MappedCase mapped(std::move(layer), spec);
      const auto run = [&](bool shuffled) {
        const auto memory = sim::make_dram(sim::dram_spec(spec));
        const auto machine = mapped.plan().machine(mapped.image(), sim::port_to(*memory));
        return shuffled ? test::run_shuffled(*machine, mapped.shells(), seed)
                        : sim::run_machine(*machine, mapped.shells());
      };
      const sim::ClockedRun ordered = run(false), shuffled = run(true);
      CHECK(sim::first_difference(mapped.names(), ordered.run.counters, shuffled.run.counters) == "");
      CHECK(ordered.run.steps == shuffled.run.steps);
      CHECK(ordered.outputs == shuffled.outputs);
    } catch (const Error& error) {
      REQUIRE(error.status() == Status::infeasible);
    }
  }
}

}  // namespace
