#include "tests/support/model_equivalence.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <random>

#include "common/error.h"
#include "sim/core/compare_runs.h"
#include "sim/core/system.h"
#include "tests/support/random_shape.h"

namespace rebasis::test {

sim::Activations RandomDenseLayer::image() const {
  trace::TensorView view;
  view.dtype = layer.info.activations.is_signed ? trace::DType::i8 : trace::DType::u8;
  view.bytes = std::as_bytes(std::span(activations));
  return {view, layer.shape(), 0};
}

std::string RandomDenseLayer::describe() const {
  const LayerShape& s = layer.shape();
  const auto text = [](std::int64_t value) { return std::to_string(value); };
  return "M " + text(s.M) + " C " + text(s.C) + " H " + text(s.H) + " W " + text(s.W) + " R " + text(s.R) + " S " +
         text(s.S) + " stride " + text(s.stride_h) + "x" + text(s.stride_w) + " dilation " + text(s.dilation_h) + "x" +
         text(s.dilation_w) + " pads " + text(s.pad_top) + "," + text(s.pad_left) + "," + text(s.pad_bottom) + "," +
         text(s.pad_right) + " groups " + text(s.groups) + (layer.info.activations.is_signed ? " signed" : "") +
         (layer.has_bias ? " bias" : "");
}

RandomDenseLayer dense_layer_of(const LayerShape& shape, Dice& dice, Densities densities) {
  RandomDenseLayer random;
  trace::LayerInfo& info = random.layer.info;
  info.name = "random";
  info.op = shape.H * shape.W * shape.R * shape.S == 1 ? "fc" : "conv";
  info.encoding = "dense-int8";
  info.shape = shape;
  info.activations.is_signed = dice.chance(0.4);
  random.layer.has_bias = dice.chance(0.5);
  random.layer.weights.resize(static_cast<std::size_t>(shape.weights()));
  for (auto& weight : random.layer.weights) {
    if (!dice.chance(densities.weights)) continue;
    const std::int64_t value = dice.between(1, 255);
    weight = static_cast<std::int8_t>(value < 128 ? value : value - 256);
  }
  random.activations.resize(static_cast<std::size_t>(shape.C * shape.H * shape.W));
  for (auto& activation : random.activations) {
    if (dice.chance(densities.activations)) activation = static_cast<std::uint8_t>(dice.between(1, 255));
  }
  return random;
}

RandomDenseLayer random_dense_layer(Dice& dice, Densities densities) {
  return dense_layer_of(random_shape(dice), dice, densities);
}

RandomDenseLayer random_dense_layer(Dice& dice) {
  const std::vector<double> choices{0.0, 0.05, 0.2, 0.5, 0.8, 1.0};
  const double weights = dice.pick(choices);
  RandomDenseLayer random = random_dense_layer(dice, {weights, dice.pick(choices)});
  if (dice.chance(0.5)) {
    const int levels = static_cast<int>(dice.between(1, 4));
    for (auto& weight : random.layer.weights) {
      if (weight != 0) weight = static_cast<std::int8_t>(weight > 0 ? 1 + weight % levels : -1 - weight % levels);
    }
  }
  return random;
}

void randomise_system(arch::SystemSpec& system, Dice& dice) {
  system.frequency_hz = dice.pick<double>({0.2e9, 1e9, 2e9});
  system.dma_request_bytes = dice.pick<std::int64_t>({8, 64, 512, 4096});
  system.dma_outstanding = dice.pick<std::int64_t>({1, 2, 8, 32});
  system.dram_model =
      dice.pick<std::string>({"unlimited", "bandwidth", "lpddr4-3200-x32", "ddr4-2400-x64", "ddr3-1066-x16"});
  system.dram_bandwidth_gb_s = dice.pick<double>({0.5, 4, 50});
  system.dram_latency_ns = dice.pick<double>({0, 20, 100});
  system.dram_mapping =
      dice.pick<std::string>({"row-bank-column-xor", "row-bank-column", "row-column-bank", "bank-row-column"});
  system.objective = dice.pick<std::string>({"dram", "latency"});
}

void randomise_decoder(arch::DecoderSpec& decoder, Dice& dice) {
  decoder.kind = dice.pick<std::string>(
      {"none", "none", "run_length", "huffman", "huffman", "succinct_element", "succinct_block"});
  decoder.streams = dice.pick<std::int64_t>({1, 2, 3, 16});
  decoder.chunk = dice.pick<std::int64_t>({16, 17, 64, 256, 1000});
  decoder.symbols_per_cycle = dice.pick<std::int64_t>({1, 1, 2, 3, 8});
  decoder.operands = dice.pick<std::int64_t>({1, 2, 5, 8, 20});
  decoder.tree = dice.pick<std::string>({"huffman", "balanced"});
  decoder.write_bytes = dice.pick<std::int64_t>({1, 2, 3, 8, 64});
}

std::size_t all_shells(std::size_t shells, const sim::CounterNames& names) { return shells + (names.decoder ? 1 : 0); }

sim::LayerRun check_plan(sim::LayerPlan& plan, const sim::CounterNames& names, const sim::Activations& image,
                         const arch::SystemSpec& system, std::size_t shells) {
  const auto memory = sim::make_dram(sim::dram_spec(system)), again = sim::make_dram(sim::dram_spec(system));
  plan.load_values();
  sim::LayerRun fast = plan.run_fast(image, sim::port_to(*memory), true);
  const auto machine = plan.machine(image, sim::port_to(*again));
  const sim::ClockedRun clocked = sim::run_machine(*machine, all_shells(shells, names));
  REQUIRE(sim::compare_runs(plan, names, fast, clocked.run) == "");
  REQUIRE(sim::compare_outputs(plan, image, clocked.outputs) == "");
  if (!clocked.decoded_weights.empty()) CHECK(clocked.decoded_weights == plan.integer_weights());
  CHECK(memory->counters() == again->counters());
  if (names.decoder) {
    const std::size_t block = names.blocks.size() - 2;
    CHECK(fast.counters.blocks[block][sim::Cause::busy] <=
          static_cast<sim::Cycle>(names.blocks[block].instances) * fast.counters.cycles);
  }
  sim::check_accounts(names, fast.counters);
  const sim::DramBytes moved = fast.counters.dram, least = plan.compulsory_traffic();
  CHECK(moved.weights >= least.weights);
  CHECK(moved.basis >= least.basis);
  CHECK(moved.index >= least.index);
  CHECK(moved.inputs >= least.inputs);
  CHECK(moved.outputs >= least.outputs);
  for (const sim::Bound& bound : plan.bounds(fast.counters, 1)) {
    CAPTURE(bound.name);
    CHECK(bound.cycles <= static_cast<double>(fast.counters.cycles) * (1 + 1e-9));
  }
  const double utilisation = plan.mac_utilisation(fast.counters);
  CHECK(utilisation >= 0);
  CHECK(utilisation <= 1 + 1e-9);
  return fast;
}

void for_random_cases(std::uint64_t cases, const std::function<bool(std::uint64_t seed)>& check) {
  // REBASIS_CASES=N runs more; a failure prints the seed.
  const char* const wanted = std::getenv("REBASIS_CASES");
  const std::uint64_t count = wanted == nullptr ? cases : std::stoull(wanted);
  std::uint64_t feasible = 0;
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    INFO("seed " << seed);
    try {
      feasible += check(seed) ? 1 : 0;
    } catch (const Error& error) {
      FAIL("seed " << seed << ": " << error.what());
    }
  }
  MESSAGE(feasible << " feasible cases of " << count);
  CHECK(2 * feasible >= count);
}

sim::ClockedRun run_shuffled(sim::Machine& machine, std::size_t shells, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::vector<std::size_t> order(shells);
  std::iota(order.begin(), order.end(), std::size_t{0});
  sim::Cycle now = 0;
  for (; !machine.finished(now); ++now) {
    std::shuffle(order.begin(), order.end(), engine);
    for (const std::size_t shell : order) machine.evaluate(shell, now);
    machine.commit(now);
  }
  return machine.take_result(now);
}

}  // namespace rebasis::test
