// The sparse tensor core: fast equals clocked and clocked equals integer convolution, for random layers, patterns,
// arrays, buffers and memories.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "common/error.h"
#include "sim/sparse_tensor_core/counters.h"
#include "sim/sparse_tensor_core/plan.h"
#include "tests/support/mapping_identity.h"
#include "tests/support/model_equivalence.h"
#include "tests/support/nm_weights.h"

using rebasis::arch::SparseTensorCoreSpec;
using rebasis::sim::Cause;
using rebasis::sim::MemorySpeed;
using namespace rebasis::test;
namespace diannao = rebasis::sim::diannao;
namespace core = rebasis::sim::sparse_tensor_core;

namespace {

constexpr std::uint64_t cases = 400;

SparseTensorCoreSpec random_spec(Dice& dice) {
  SparseTensorCoreSpec spec = rebasis::arch::sparse_tensor_core_parameters().resolve({});
  randomise_system(spec, dice);
  randomise_decoder(spec.decoder, dice);
  spec.precision_bits = dice.pick<std::int64_t>({8, 16});
  spec.Tn = dice.pick<std::int64_t>({1, 2, 3, 4, 8, 32});
  spec.Ti = dice.pick<std::int64_t>({4, 8, 12, 32});
  spec.nfu1_stages = dice.between(1, 4);
  spec.nfu2_stages = dice.between(1, 4);
  spec.nfu3_stages = dice.between(1, 4);
  spec.select_stages = dice.between(1, 3);
  spec.sum_bits = dice.pick<std::int64_t>({32, 40, 64});
  spec.pack_groups = dice.chance(0.7);
  spec.skip_padding = dice.chance(0.3);
  spec.fold_kernel = dice.chance(0.7);
  spec.smallest_group = dice.pick<std::int64_t>({2, 4});
  spec.largest_group = dice.pick<std::int64_t>({4, 8, 16});
  spec.least_kept = dice.pick<std::int64_t>({1, 1, 2});
  spec.most_kept = dice.pick<std::int64_t>({2, 4});
  spec.nbin_neurons = std::max({spec.Ti, spec.largest_group, dice.pick<std::int64_t>({1, 40, 64, 512})});
  spec.nbin_bytes = dice.pick<std::int64_t>({256, 1024, 8192});
  spec.nbout_bytes = dice.pick<std::int64_t>({256, 1024, 8192});
  spec.sb_bytes = dice.pick<std::int64_t>({1024, 4096, 65536});
  spec.index_bytes = dice.pick<std::int64_t>({512, 4096, 65536});
  return spec;
}

struct Case {
  explicit Case(std::uint64_t seed)
      : dice(seed), random(random_dense_layer(dice)), spec(random_spec(dice)), names(core::counter_names(spec)) {
    // Most weights in a pattern that the array may know; the rest as they come.
    if (dice.chance(0.8))
      keep_of_groups(random.layer, dice.pick<std::int64_t>({1, 1, 2, 3}), dice.pick<std::int64_t>({4, 8, 16}), dice);
  }
  [[nodiscard]] std::unique_ptr<rebasis::sim::LayerPlan> plan() const { return plan_on(spec); }
  [[nodiscard]] std::unique_ptr<rebasis::sim::LayerPlan> plan_on(const SparseTensorCoreSpec& design) const {
    return core::make_plan(random.layer, design, names, MemorySpeed{12.8, 50});
  }

  Dice dice;
  RandomDenseLayer random;
  SparseTensorCoreSpec spec;
  rebasis::sim::CounterNames names;
};

}  // namespace

TEST_CASE("fast equals clocked and clocked equals integer convolution") {
  std::map<std::string, int> patterns;
  std::size_t cut = 0, spilled = 0, packed = 0, starved = 0;
  for_random_cases(cases, [&](std::uint64_t seed) {
    const Case c(seed);
    const std::string layer = c.random.describe();
    CAPTURE(layer);
    const auto plan = feasible_plan([&] { return c.plan(); });
    if (!plan) return false;
    const auto run = check_plan(*plan, c.names, c.random.image(), c.spec, core::shell_names().size());
    const auto described = plan->describe();
    ++patterns[described.at("pattern")];
    cut += run.counters.actions[diannao::nbout_read] > run.counters.dram.outputs ? 1 : 0;
    spilled += run.counters.dram.outputs > plan->compulsory_traffic().outputs ? 1 : 0;
    packed += described.count("groups_at_once") > 0 && described.at("pattern") != "dense" ? 1 : 0;
    starved += run.counters.blocks[diannao::nfu1][Cause::inputs] > 0 ? 1 : 0;
    return true;
  });
  // The cases reach what is special: every pattern, partial sums that rotate through NBout and that spill, groups that
  // share the array in a pattern, an array that waits for NBin.
  for (const auto& entry : patterns) MESSAGE(entry.second << " layers ran " << entry.first);
  MESSAGE(cut << " with partial sums through NBout, " << spilled << " spilled, " << packed << " packed, " << starved
              << " starved");
  for (const char* pattern : {"dense", "1 of 2", "1 of 4", "1 of 8", "1 of 16", "2 of 4", "2 of 8", "2 of 16"})
    CHECK(patterns[pattern] > 0);
  CHECK(cut > 0);
  CHECK(spilled > 0);
  CHECK(packed > 0);
  CHECK(starved > 0);
}

TEST_CASE("the order of the shells in a cycle does not matter") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Case c(seed);
    CAPTURE(seed);
    const auto plan = feasible_plan([&] { return c.plan(); });
    if (!plan) continue;
    const auto image = c.random.image();
    const auto memory = rebasis::sim::make_dram({"bandwidth"}), again = rebasis::sim::make_dram({"bandwidth"});
    const std::size_t shells = all_shells(core::shell_names().size(), c.names);
    const auto ordered = rebasis::sim::run_machine(*plan->machine(image, rebasis::sim::port_to(*memory)), shells);
    const auto shuffled = run_shuffled(*plan->machine(image, rebasis::sim::port_to(*again)), shells, seed);
    CHECK(ordered.outputs == shuffled.outputs);
    CHECK(rebasis::sim::first_difference(c.names, ordered.run.counters, shuffled.run.counters) == "");
    CHECK(ordered.run.steps == shuffled.run.steps);
  }
}

TEST_CASE("equal mapping identities, equal counters") {
  const auto& parameters = rebasis::arch::sparse_tensor_core_parameters();
  MappingPairs pairs(parameters.describe());
  for_random_cases(1000, [&](std::uint64_t seed) {
    Case c(seed);
    SparseTensorCoreSpec other = c.spec;
    vary(c.dice, other.objective, {"dram", "latency"});
    vary(c.dice, other.nbin_bytes, {256, 512, 1024, 2048, 8192, 65536});
    vary(c.dice, other.nbout_bytes, {256, 512, 1024, 2048, 8192, 65536});
    vary(c.dice, other.sb_bytes, {1024, 2048, 4096, 16384, 262144});
    vary(c.dice, other.index_bytes, {512, 1024, 4096, 65536});
    vary(c.dice, other.smallest_group, {2, 4});
    vary(c.dice, other.least_kept, {1, 2});
    vary(c.dice, other.most_kept, {2, 4});
    for (std::int64_t* banks : {&other.nbin_banks, &other.nbout_banks, &other.sb_banks, &other.index_banks})
      vary(c.dice, *banks, {2, 16, 64});
    for (std::int64_t* bits :
         {&other.nbin_port_bits, &other.nbout_port_bits, &other.sb_port_bits, &other.index_port_bits})
      vary(c.dice, *bits, {64, 512, 4096});
    const auto a = feasible_plan([&] { return c.plan(); }), b = feasible_plan([&] { return c.plan_on(other); });
    if (!a || !b) return false;
    pairs.compare(*a, parameters.print(c.spec), *b, parameters.print(other), c.names, c.random.image(), c.spec);
    return true;
  });
  pairs.finish();
}
