// What theory promises of Bit-Pragmatic: more registers are never slower, the fastest column is never waited for, and where
// the promise ends.
#include <doctest/doctest.h>

#include "common/error.h"
#include "sim/bit_pragmatic/plan.h"
#include "sim/core/system.h"
#include "tests/support/bit_pragmatic_case.h"
#include "tests/support/model_equivalence.h"

namespace rebasis {
namespace {

using sim::bit_pragmatic::counter_names;
using sim::bit_pragmatic::make_plan;

sim::LayerRun run_fast(const arch::BitPragmaticSpec& spec, const test::RandomDenseLayer& random) {
  const sim::CounterNames names = counter_names(spec);
  const auto memory = sim::make_dram(sim::dram_spec(spec));
  const sim::Activations image = random.image();
  return make_plan(random.layer, spec, names, {12.8, 100})->run_fast(image, sim::port_to(*memory), true);
}

/// With nothing else to wait for, as the recurrences of one step say.
std::vector<sim::Cycle> step_cycles(const arch::BitPragmaticSpec& spec, const test::RandomDenseLayer& random) {
  std::vector<sim::Cycle> cycles;
  for (const sim::StepTimes& step : run_fast(spec, random).steps) cycles.push_back(step.done - step.ready);
  return cycles;
}

bool never_longer(const std::vector<sim::Cycle>& a, const std::vector<sim::Cycle>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
  }
  return true;
}

struct Case {
  arch::BitPragmaticSpec spec;
  test::RandomDenseLayer random;
  explicit Case(std::uint64_t seed) {
    test::Dice dice(seed);
    spec = test::random_bit_pragmatic(dice);
    spec.nbin_bytes = spec.sb_bytes = spec.nbout_bytes = 1 << 20;
    spec.dram_model = "unlimited";
    random = test::random_dense_layer(dice);
    while (random.layer.shape().macs() > 100'000) random = test::random_dense_layer(dice);
  }
};

}  // namespace

TEST_CASE("columns that run apart are never slower than pallets in step, and more registers never slower than fewer") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    Case c(seed);
    c.spec.sync = "pallet";
    std::vector<sim::Cycle> before = step_cycles(c.spec, c.random);
    c.spec.sync = "column";
    for (const std::int64_t registers : {1, 2, 3, 8, 64}) {
      c.spec.registers = registers;
      const std::vector<sim::Cycle> cycles = step_cycles(c.spec, c.random);
      REQUIRE(never_longer(cycles, before));
      before = cycles;
    }
  }
}

TEST_CASE("a longer first stage, a wider synapse buffer, NBin row or output port is never slower when pallets synchronise") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    Case c(seed);
    const std::vector<sim::Cycle> before = step_cycles(c.spec, c.random);
    Case first_stage(c), synapses(c), port(c);
    first_stage.spec.first_stage_bits = std::min<std::int64_t>(5, c.spec.first_stage_bits + 1);
    REQUIRE(never_longer(step_cycles(first_stage.spec, c.random), before));
    synapses.spec.sb_weights_per_cycle *= 2;
    REQUIRE(never_longer(step_cycles(synapses.spec, c.random), before));
    port.spec.nbout_outputs_per_cycle *= 2;
    REQUIRE(never_longer(step_cycles(port.spec, c.random), before));
  }
}

TEST_CASE("fewer bits set are never slower for one-bits, but may be for Booth digits") {
  // Clearing bits of activations only removes one-bits; 255 has two Booth digits, 85 = 0101 0101 has four.
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    Case c(seed);
    c.spec.encoding = "plain";
    const std::vector<sim::Cycle> before = step_cycles(c.spec, c.random);
    test::Dice dice(seed);
    for (auto& value : c.random.activations) value = static_cast<std::uint8_t>(value & dice.between(0, 255));
    // With the first stage as wide as the value a brick takes the terms of its longest lane, which clearing cannot lengthen.
    if (c.spec.first_stage_bits >= 3 && c.spec.precision_bits == 8) REQUIRE(never_longer(step_cycles(c.spec, c.random), before));
  }
}

TEST_CASE("work, not time, is what the encoding decides") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    Case c(seed);
    const auto terms = [&](const char* encoding) {
      c.spec.encoding = encoding;
      return run_fast(c.spec, c.random).counters.actions[sim::bit_pragmatic::digit_step];
    };
    const std::uint64_t naf = terms("naf");
    REQUIRE(naf <= terms("plain"));
    REQUIRE(naf <= terms("booth"));
  }
}

}  // namespace rebasis
