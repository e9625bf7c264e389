// What theory promises of Bit-Pragmatic: more registers are never slower, the fastest column is never waited for, and
// where the promise ends.
#include <doctest/doctest.h>

#include <algorithm>

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

TEST_CASE("a longer first stage, a wider synapse buffer or output port is never slower") {
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

TEST_CASE("fewer one-bits are never slower, whatever the first stage") {
  // By induction over the cycles, what is pending after clearing bits is a subset of what was pending before.
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    Case c(seed);
    c.spec.encoding = "plain";
    const std::vector<sim::Cycle> before = step_cycles(c.spec, c.random);
    test::Dice dice(seed);
    for (auto& value : c.random.activations) value = static_cast<std::uint8_t>(value & dice.between(0, 255));
    REQUIRE(never_longer(step_cycles(c.spec, c.random), before));
  }
}

TEST_CASE("fewer one-bits can be slower in Booth digits: 255 has two of them, 85 four") {
  test::Dice dice(1);
  test::RandomDenseLayer random = test::dense_layer_of({.M = 4, .C = 4, .H = 4, .W = 4}, dice, {1, 1});
  random.layer.info.activations.is_signed = false;
  arch::BitPragmaticSpec spec = test::small_bit_pragmatic();
  spec.encoding = "booth";
  std::fill(random.activations.begin(), random.activations.end(), std::uint8_t{255});
  const sim::Cycle full = step_cycles(spec, random).front();
  std::fill(random.activations.begin(), random.activations.end(), std::uint8_t{85});
  CHECK(step_cycles(spec, random).front() > full);
}

TEST_CASE("where the promise ends: a faster step can make the layer slower") {
  // With two registers the second of three steps is done 9 cycles earlier, so that its stores are there before the
  // loads of the third have been issued, and stores go first: the third step begins 110 cycles later than with one
  // register.
  test::Dice dice(1);
  test::RandomDenseLayer random = test::dense_layer_of({.M = 13, .C = 1, .H = 9, .W = 5}, dice, {1, 1});
  random.layer.info.activations.is_signed = false;
  random.layer.has_bias = true;
  random.activations = {215, 34,  141, 97,  27,  224, 88,  101, 0,   127, 11, 131, 0,   89,  53,
                        0,   251, 85,  124, 84,  236, 59,  0,   35,  233, 57, 0,   167, 173, 229,
                        206, 198, 75,  221, 105, 146, 161, 0,   109, 142, 0,  183, 0,   0,   202};
  arch::BitPragmaticSpec spec = test::small_bit_pragmatic();
  spec.frequency_hz = 2e9;
  spec.dram_model = "bandwidth";
  spec.dram_bandwidth_gb_s = 4;
  spec.dram_latency_ns = 0;
  spec.dma_outstanding = 2;
  spec.dma_request_bytes = 64;
  spec.objective = "latency";
  spec.tiles = spec.rows = spec.columns = 2;
  spec.windows = "row";
  spec.fold = "off";
  spec.nbin_row_bricks = 1;
  spec.first_stage_bits = 1;
  spec.pipeline_stages = spec.encode_stages = spec.read_latency = 0;
  spec.nbout_ports = 2;
  spec.accumulator_bits = 64;
  spec.nbout_outputs_per_cycle = 2;
  const sim::LayerRun one = run_fast(spec, random);
  spec.registers = 2;
  const sim::LayerRun two = run_fast(spec, random);
  REQUIRE(one.steps.size() == 3);
  REQUIRE(two.steps.size() == 3);
  CHECK(two.steps[1].done < one.steps[1].done);
  CHECK(two.steps[2].ready > one.steps[2].ready);
  CHECK(two.counters.cycles > one.counters.cycles);
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
