// The PE-wise ternary accelerator: both fidelities and integer convolution, on random layers and configurations.
#include <doctest/doctest.h>

#include "common/error.h"
#include "sim/core/system.h"
#include "tests/support/mapping_identity.h"
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

TEST_CASE("equal mapping identities, equal counters") {
  const auto& parameters = arch::pynq_ternary_parameters();
  test::MappingPairs pairs(parameters.describe());
  test::for_random_cases(2000, [&](std::uint64_t seed) {
    test::Dice dice(seed);
    const test::TernaryCase layer =
        seed % 3 == 0 ? test::random_full_precision_layer(dice) : test::random_ternary_layer(dice);
    const arch::PynqTernarySpec spec = test::random_board_spec(dice);
    INFO("seed " << seed << ": " << layer.describe());
    arch::PynqTernarySpec other = spec;
    test::vary(dice, other.objective, {"dram", "latency"});
    test::vary(dice, other.stored_groups, {"nonzero", "all"});
    test::vary(dice, other.input_buffer_bytes, {4096, 8192, 16384, 32768, 131072});
    test::vary(dice, other.weight_buffer_bytes, {256, 1024, 8192, 32768});
    test::vary(dice, other.output_buffer_bytes, {256, 512, 1024, 2048, 4096, 65536});
    test::vary(dice, other.overlap, {false, true});
    for (std::int64_t* have : {&other.device.luts, &other.device.ffs, &other.device.bram36, &other.device.dsps})
      test::vary(dice, *have, {100, 1000});
    const auto map = [&](const arch::PynqTernarySpec& design) -> std::unique_ptr<test::MappedCase> {
      try {
        return std::make_unique<test::MappedCase>(layer, design);
      } catch (const Error& error) {
        REQUIRE(error.status() == Status::infeasible);
        return nullptr;
      }
    };
    const auto a = map(spec), b = map(other);
    if (!a || !b) return false;
    pairs.compare(a->plan(), parameters.print(spec), b->plan(), parameters.print(other), a->names(), layer.image(),
                  spec);
    return true;
  });
  pairs.finish();
}

}  // namespace
