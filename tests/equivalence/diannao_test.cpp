// DianNao: fast equals clocked and clocked equals integer convolution, for random layers, arrays, buffers and memories.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "common/error.h"
#include "sim/diannao/counters.h"
#include "sim/diannao/plan.h"
#include "tests/support/mapping_identity.h"
#include "tests/support/model_equivalence.h"

using rebasis::arch::DianNaoSpec;
using rebasis::sim::Cause;
using rebasis::sim::MemorySpeed;
using namespace rebasis::test;
namespace diannao = rebasis::sim::diannao;

namespace {

constexpr std::uint64_t cases = 400;

DianNaoSpec random_spec(Dice& dice) {
  DianNaoSpec spec = rebasis::arch::diannao_parameters().resolve({});
  randomise_system(spec, dice);
  randomise_decoder(spec.decoder, dice);
  spec.precision_bits = dice.pick<std::int64_t>({8, 16});
  spec.Tn = dice.pick<std::int64_t>({1, 2, 3, 4, 8, 32});
  spec.Ti = dice.pick<std::int64_t>({1, 2, 3, 4, 8, 32});
  spec.nfu1_stages = dice.between(1, 4);
  spec.nfu2_stages = dice.between(1, 4);
  spec.nfu3_stages = dice.between(1, 4);
  spec.sum_bits = dice.pick<std::int64_t>({32, 40, 64});
  spec.pack_groups = dice.chance(0.7);
  spec.skip_padding = dice.chance(0.4);
  spec.nbin_bytes = dice.pick<std::int64_t>({256, 1024, 8192});
  spec.nbout_bytes = dice.pick<std::int64_t>({256, 1024, 8192});
  spec.sb_bytes = dice.pick<std::int64_t>({1024, 4096, 65536});
  return spec;
}

struct Case {
  explicit Case(std::uint64_t seed)
      : dice(seed), random(random_dense_layer(dice)), spec(random_spec(dice)), names(diannao::counter_names(spec)) {}
  [[nodiscard]] std::unique_ptr<rebasis::sim::LayerPlan> plan() const { return plan_on(spec); }
  [[nodiscard]] std::unique_ptr<rebasis::sim::LayerPlan> plan_on(const DianNaoSpec& design) const {
    return diannao::make_plan(random.layer, design, names, MemorySpeed{12.8, 50});
  }

  Dice dice;
  RandomDenseLayer random;
  DianNaoSpec spec;
  rebasis::sim::CounterNames names;
};

}  // namespace

TEST_CASE("fast equals clocked and clocked equals integer convolution") {
  std::size_t cut = 0, spilled = 0, packed = 0, decoded = 0, stalled = 0;
  for_random_cases(cases, [&](std::uint64_t seed) {
    const Case c(seed);
    const std::string layer = c.random.describe();
    CAPTURE(layer);
    std::unique_ptr<rebasis::sim::LayerPlan> plan;
    try {
      plan = c.plan();
    } catch (const rebasis::Error& error) {
      REQUIRE(error.status() == rebasis::Status::infeasible);
      return false;
    }
    const auto run = check_plan(*plan, c.names, c.random.image(), c.spec, diannao::shell_names().size());
    cut += run.counters.actions[diannao::nbout_read] > run.counters.dram.outputs ? 1 : 0;
    spilled += run.counters.dram.outputs > plan->compulsory_traffic().outputs ? 1 : 0;
    packed += plan->describe().count("groups_at_once");
    decoded += c.names.decoder && run.counters.blocks[c.names.blocks.size() - 2][Cause::busy] > 0 ? 1 : 0;
    stalled += run.counters.blocks.front()[Cause::weights] > 0 ? 1 : 0;
    return true;
  });
  // The cases reach what is special: partial sums that rotate through NBout, sums that spill, groups that share the
  // array.
  MESSAGE(cut << " with partial sums through NBout, " << spilled << " spilled, " << packed << " with packed groups");
  CHECK(cut > 0);
  CHECK(spilled > 0);
  MESSAGE(decoded << " with coded weights, " << stalled << " waited for the decoder");
  CHECK(packed > 0);
  CHECK(10 * decoded > cases);
  CHECK(stalled > 0);
}

TEST_CASE("the order of the shells in a cycle does not matter") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Case c(seed);
    CAPTURE(seed);
    try {
      const auto plan = c.plan();
      const auto image = c.random.image();
      const auto memory = rebasis::sim::make_dram({"bandwidth"}), again = rebasis::sim::make_dram({"bandwidth"});
      const std::size_t shells = all_shells(diannao::shell_names().size(), c.names);
      const auto ordered = rebasis::sim::run_machine(*plan->machine(image, rebasis::sim::port_to(*memory)), shells);
      const auto shuffled = run_shuffled(*plan->machine(image, rebasis::sim::port_to(*again)), shells, seed);
      CHECK(ordered.outputs == shuffled.outputs);
      CHECK(rebasis::sim::first_difference(c.names, ordered.run.counters, shuffled.run.counters) == "");
      CHECK(ordered.run.steps == shuffled.run.steps);
    } catch (const rebasis::Error& error) {
      REQUIRE(error.status() == rebasis::Status::infeasible);
    }
  }
}

TEST_CASE("a sum that does not fit its register is reported, not wrapped") {
  Dice dice(1);
  rebasis::LayerShape shape;
  shape.C = 64;
  RandomDenseLayer random = dense_layer_of(shape, dice, {1, 1});
  random.layer.info.activations.is_signed = false;
  std::fill(random.layer.weights.begin(), random.layer.weights.end(), std::int8_t{127});
  std::fill(random.activations.begin(), random.activations.end(), std::uint8_t{255});
  DianNaoSpec spec = rebasis::arch::diannao_parameters().resolve({});
  spec.sum_bits = 16;
  const auto names = diannao::counter_names(spec);
  const auto plan = diannao::make_plan(random.layer, spec, names, {12.8, 50});
  const auto memory = rebasis::sim::make_dram({"unlimited"});
  const auto image = random.image();
  const auto machine = plan->machine(image, rebasis::sim::port_to(*memory));
  CHECK_THROWS_WITH_AS(static_cast<void>(rebasis::sim::run_machine(*machine, diannao::shell_names().size())),
                       "layer random: the partial sum 1036320 does not fit nfu2.sum of 16 bits; use wider sums",
                       rebasis::Error);
}

TEST_CASE("equal mapping identities, equal counters") {
  const auto& parameters = rebasis::arch::diannao_parameters();
  MappingPairs pairs(parameters.describe());
  for_random_cases(2000, [&](std::uint64_t seed) {
    Case c(seed);
    DianNaoSpec other = c.spec;
    vary(c.dice, other.objective, {"dram", "latency"});
    vary(c.dice, other.nbin_bytes, {256, 512, 1024, 2048, 8192, 65536});
    vary(c.dice, other.nbout_bytes, {256, 512, 1024, 2048, 8192, 65536});
    vary(c.dice, other.sb_bytes, {1024, 2048, 4096, 16384, 262144});
    for (std::int64_t* banks : {&other.nbin_banks, &other.nbout_banks, &other.sb_banks})
      vary(c.dice, *banks, {2, 16, 64});
    for (std::int64_t* bits : {&other.nbin_port_bits, &other.nbout_port_bits, &other.sb_port_bits})
      vary(c.dice, *bits, {64, 512, 4096});
    const auto a = feasible_plan([&] { return c.plan(); }), b = feasible_plan([&] { return c.plan_on(other); });
    if (!a || !b) return false;
    pairs.compare(*a, parameters.print(c.spec), *b, parameters.print(other), c.names, c.random.image(), c.spec);
    return true;
  });
  pairs.finish();
}
