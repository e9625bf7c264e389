// The accelerator with a reuse unit: fast equals clocked and clocked equals the integer reference of reuse, for random
// layers, hash vectors, arrays, memories and buffers.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "common/error.h"
#include "sim/diannao/plan.h"
#include "sim/trec/counters.h"
#include "sim/trec/plan.h"
#include "tests/support/mapping_identity.h"
#include "tests/support/model_equivalence.h"

using rebasis::arch::TrecSpec;
using rebasis::sim::MemorySpeed;
using namespace rebasis::test;
namespace trec = rebasis::sim::trec;

namespace {

constexpr std::uint64_t cases = 400;

void random_reuse_unit(TrecSpec& spec, Dice& dice) {
  spec.expected_redundancy = dice.pick<double>({0, 0.5, 0.95, 1});
  spec.hash_lanes = dice.pick<std::int64_t>({1, 2, 3, 8});
  spec.hash_width = dice.pick<std::int64_t>({1, 2, 4, 8, 32});
  spec.hash_stages = dice.between(2, 6);
  spec.window_bytes = dice.pick<std::int64_t>({64, 128, 1024});
  spec.bucket_banks = dice.pick<std::int64_t>({1, 2, 4, 8});
  spec.table_bytes = dice.pick<std::int64_t>({1024, 16384});
  spec.sum_store_bytes = dice.pick<std::int64_t>({4096, 32768});
  spec.sum_ports = dice.between(1, 2);
  spec.accumulate_latency = dice.between(1, 5);
  spec.forwarding = dice.chance(0.5);
  spec.dividers = dice.pick<std::int64_t>({1, 2, 3, 16});
  spec.divider_stages = dice.between(1, 9);
  spec.centroid_bytes = dice.pick<std::int64_t>({1024, 8192});
  spec.id_bytes = dice.pick<std::int64_t>({2048, 8192});
  spec.gather_columns = dice.pick<std::int64_t>({1, 2, 3, 8});
  spec.gather_stages = dice.between(2, 6);
  spec.product_bytes = spec.gather_columns * dice.pick<std::int64_t>({2048, 16384});
}

TrecSpec random_spec(Dice& dice) {
  TrecSpec spec = rebasis::arch::trec_parameters().resolve({});
  randomise_system(spec, dice);
  spec.Tn = dice.pick<std::int64_t>({1, 2, 3, 4, 8, 32});
  spec.Ti = dice.pick<std::int64_t>({1, 2, 3, 4, 8, 32});
  spec.nfu1_stages = dice.between(1, 4);
  spec.nfu2_stages = dice.between(1, 4);
  spec.nfu3_stages = dice.between(1, 4);
  spec.sum_bits = dice.pick<std::int64_t>({32, 40, 64});
  spec.nbin_bytes = dice.pick<std::int64_t>({512, 1024, 8192});
  spec.nbout_bytes = dice.pick<std::int64_t>({1024, 8192, 65536});
  spec.sb_bytes = dice.pick<std::int64_t>({1024, 4096, 65536});
  random_reuse_unit(spec, dice);
  return spec;
}

/// A layer that reuses products. Activations of few values make buckets that are shared.
struct RandomReuseLayer {
  explicit RandomReuseLayer(Dice& dice) : random(random_dense_layer(dice)) {
    rebasis::LayerShape& shape = random.layer.info.shape;
    const std::int64_t depth = shape.channels_per_group() * shape.R * shape.S;
    if (dice.chance(0.7)) {
      const std::int64_t values = dice.between(1, 3);
      for (auto& activation : random.activations) activation = static_cast<std::uint8_t>(dice.between(0, values) * 60);
    }
    hash.length = dice.chance(0.2) ? depth : dice.between(1, std::min<std::int64_t>(depth, 40));
    hash.hashes = dice.between(1, 9);
    hash.values.resize(static_cast<std::size_t>(hash.length * hash.hashes));
    for (auto& value : hash.values) value = static_cast<std::int8_t>(dice.between(-128, 127));
    random.layer.info.reuse = {hash.length, hash.hashes};
  }
  RandomDenseLayer random;
  rebasis::reuse::HashVectors hash;
};

struct Case {
  explicit Case(std::uint64_t seed)
      : dice(seed), layer(dice), spec(random_spec(dice)), names(trec::counter_names(spec)) {}
  [[nodiscard]] std::unique_ptr<rebasis::sim::LayerPlan> plan() const { return plan_on(spec); }
  [[nodiscard]] std::unique_ptr<rebasis::sim::LayerPlan> plan_on(const TrecSpec& design) const {
    return trec::make_plan({layer.random.layer, layer.hash}, design, names, MemorySpeed{12.8, 50});
  }
  [[nodiscard]] std::string describe() const {
    return layer.random.describe() + " L " + std::to_string(layer.hash.length) + " H " +
           std::to_string(layer.hash.hashes);
  }

  Dice dice;
  RandomReuseLayer layer;
  TrecSpec spec;
  rebasis::sim::CounterNames names;
};

}  // namespace

TEST_CASE("fast equals clocked and clocked equals the reference of reuse") {
  std::uint64_t conflicts = 0, forwarded = 0, waited = 0, tiled = 0, steps = 0, shared = 0;
  for_random_cases(cases, [&](std::uint64_t seed) {
    const Case c(seed);
    const std::string layer = c.describe();
    CAPTURE(layer);
    std::unique_ptr<rebasis::sim::LayerPlan> plan;
    try {
      plan = c.plan();
    } catch (const rebasis::Error& error) {
      INFO(error.what());
      REQUIRE(error.status() == rebasis::Status::infeasible);
      return false;
    }
    const auto run = check_plan(*plan, c.names, c.layer.random.image(), c.spec, trec::shell_names().size());
    const auto& actions = run.counters.actions;
    conflicts += actions[trec::conflict_cycles];
    (c.spec.forwarding ? forwarded : waited) += actions[trec::hazards];
    shared += actions[trec::buckets] < actions[trec::sub_vectors] ? 1 : 0;
    steps += run.steps.size() > 1 ? 1 : 0;
    tiled += actions[rebasis::sim::diannao::nbout_read] > run.counters.dram.outputs ? 1 : 0;
    return true;
  });
  // The cases reach what is special.
  MESSAGE(conflicts << " conflicts, " << forwarded << " sums forwarded, " << waited << " cycles waited for sums, "
                    << shared << " layers with shared buckets, " << steps << " of several steps, " << tiled
                    << " of several slices");
  for (const std::uint64_t count : {conflicts, forwarded, waited, shared, steps, tiled}) CHECK(count > 0);
}

TEST_CASE("the order of the shells in a cycle does not matter") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Case c(seed);
    CAPTURE(seed);
    const auto plan = feasible_plan([&] { return c.plan(); });
    if (!plan) continue;
    const auto image = c.layer.random.image();
    const auto memory = rebasis::sim::make_dram({"bandwidth"}), again = rebasis::sim::make_dram({"bandwidth"});
    const std::size_t shells = trec::shell_names().size();
    const auto ordered = rebasis::sim::run_machine(*plan->machine(image, rebasis::sim::port_to(*memory)), shells);
    const auto shuffled = run_shuffled(*plan->machine(image, rebasis::sim::port_to(*again)), shells, seed);
    CHECK(ordered.outputs == shuffled.outputs);
    CHECK(rebasis::sim::first_difference(c.names, ordered.run.counters, shuffled.run.counters) == "");
    CHECK(ordered.run.steps == shuffled.run.steps);
  }
}
