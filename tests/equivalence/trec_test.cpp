// The accelerator with a reuse unit: fast equals clocked and clocked equals the integer reference of reuse, for random
// layers, hash vectors, arrays, memories and buffers.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "common/error.h"
#include "sim/core/system.h"
#include "sim/diannao/plan.h"
#include "sim/trec/counters.h"
#include "sim/trec/plan.h"
#include "tests/support/mapping_identity.h"
#include "tests/support/model_equivalence.h"
#include "workloads/trace/trace.h"

using rebasis::arch::TrecSpec;
using rebasis::sim::MemorySpeed;
using namespace rebasis::test;
namespace trec = rebasis::sim::trec;

namespace {

constexpr std::uint64_t cases = 400;

void random_reuse_unit(TrecSpec& spec, Dice& dice) {
  spec.mapping_slack = dice.pick<double>({0, 0.1, 1});
  spec.expected_redundancy = dice.pick<double>({0, 0.5, 0.95, 1});
  spec.hash_lanes = dice.pick<std::int64_t>({1, 2, 3, 8});
  spec.hash_width = dice.pick<std::int64_t>({1, 2, 4, 8, 32, 64});
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
  randomise_decoder(spec.decoder, dice);
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

/// Random hash vectors for a layer of a trace, as recipe `reuse` makes them.
rebasis::reuse::HashVectors vectors_for(const rebasis::LayerShape& shape, std::int64_t channels, std::int64_t hashes) {
  const std::int64_t depth = shape.channels_per_group() * shape.R * shape.S;
  return rebasis::reuse::random_vectors(std::min(channels * shape.R * shape.S, depth), hashes, 7);
}

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
    const std::size_t shells = all_shells(trec::shell_names().size(), c.names);
    const auto ordered = rebasis::sim::run_machine(*plan->machine(image, rebasis::sim::port_to(*memory)), shells);
    const auto shuffled = run_shuffled(*plan->machine(image, rebasis::sim::port_to(*again)), shells, seed);
    CHECK(ordered.outputs == shuffled.outputs);
    CHECK(rebasis::sim::first_difference(c.names, ordered.run.counters, shuffled.run.counters) == "");
    CHECK(ordered.run.steps == shuffled.run.steps);
  }
}

TEST_CASE("a layer by hand") {
  // Four sub-vectors (1,1) (3,1) (0,0) (2,2): the hash vector (1,0) puts all but the third into one bucket, whose mean
  // is (2, 4/3 = 1); the product with the weights (10, 7) is 27.
  rebasis::LayerShape shape;
  shape.C = 2;
  shape.W = 4;
  Dice dice(1);
  RandomDenseLayer random = dense_layer_of(shape, dice, {1, 1});
  random.layer.info.activations.is_signed = random.layer.has_bias = false;
  random.layer.weights = {10, 7};
  random.activations = {1, 3, 0, 2, 1, 1, 0, 2};
  TrecSpec spec = rebasis::arch::trec_parameters().resolve({});
  spec.dram_model = "unlimited";
  const auto names = trec::counter_names(spec);
  const auto plan = trec::make_plan({random.layer, {2, 1, {1, 0}}}, spec, names, MemorySpeed{12.8, 50});
  const auto image = random.image();
  const auto run = check_plan(*plan, names, image, spec, trec::shell_names().size());
  CHECK(plan->expected_outputs(image) == std::vector<std::int64_t>{27, 27, 0, 27});
  // Four beats, four cycles to the bits of the last, its operation on the sums, three until its row is written, two
  // entries made invalid: 4 + 4 - 1 + 1 + 3 + 2. Two means through eight stages. Two products through three and two
  // stages and a write. Four rows through the gather's four and NFU-3's three stages.
  const std::int64_t step = 13 + (2 + 8) + (2 + 3 + 2 + 1) + (4 + 4 + 3);
  CHECK(run.steps.front().done - run.steps.front().ready == step);
  CHECK(run.counters.cycles == 4 + step + 2);  // three loads and the controller; the store
  const auto& actions = run.counters.actions;
  CHECK(actions[trec::sub_vectors] == 4);
  CHECK(actions[trec::buckets] == 2);
  CHECK(actions[trec::hash_mac] == 8);
  CHECK(actions[trec::hash_vectors_read] == 2);  // once: the lanes keep them
  CHECK(actions[trec::hazards] == 2);            // the second, and the fourth two cycles later
  CHECK(actions[trec::conflict_cycles] == 0);
  CHECK(actions[trec::bucket_add] == 4);                                         // two of the four join a bucket
  CHECK(actions[trec::sums_read] == 2 * (2 * 3 + 2) + 2 * 2 + 2 * (2 * 3 + 2));  // joins, clearing, means
  CHECK(actions[trec::sums_write] == 4 * (2 * 3 + 2) + 2 * 2);
  CHECK(actions[trec::divide] == 4);
  CHECK(actions[rebasis::sim::diannao::mac] == 4);
  CHECK(actions[rebasis::sim::diannao::sb_read] == 2);  // one row of weights for both centroids
  CHECK(actions[trec::products_read] == 4 * 4);
  CHECK(run.counters.effective_macs == 4);
}

TEST_CASE("sub-vectors of two columns in one bank take turns, a bank with one port is read and written in turn") {
  rebasis::LayerShape shape;
  shape.C = 2;
  shape.W = 5;
  Dice dice(1);
  const RandomDenseLayer random = dense_layer_of(shape, dice, {1, 1});
  TrecSpec spec = rebasis::arch::trec_parameters().resolve({});
  const auto names = trec::counter_names(spec);
  const auto conflicts = [&](std::int64_t banks, std::int64_t ports) {
    spec.bucket_banks = banks;
    spec.sum_ports = ports;
    const auto plan = trec::make_plan({random.layer, {1, 1, {1}}}, spec, names, MemorySpeed{12.8, 50});
    return check_plan(*plan, names, random.image(), spec, trec::shell_names().size())
        .counters.actions[trec::conflict_cycles];
  };
  CHECK(conflicts(2, 2) == 0);
  CHECK(conflicts(1, 2) == 5);  // each of five pairs
  CHECK(conflicts(2, 1) == 4);  // each but the first waits for the port
}

TEST_CASE("layers without reuse run as on DianNao, the reuse unit idle") {
  std::uint64_t ran = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Case c(seed);
    CAPTURE(seed);
    const auto own_names = rebasis::sim::diannao::counter_names(c.spec);
    const auto plan_with = [&](const rebasis::sim::CounterNames& names) {
      return feasible_plan([&] {
        return rebasis::sim::diannao::make_plan(c.layer.random.layer, c.spec, names, MemorySpeed{12.8, 50});
      });
    };
    const auto plan = plan_with(c.names), own = plan_with(own_names);
    if (!plan) continue;
    ++ran;
    const auto image = c.layer.random.image();
    const auto run = check_plan(*plan, c.names, image, c.spec, trec::shell_names().size());
    const auto memory = rebasis::sim::make_dram(rebasis::sim::dram_spec(c.spec));
    const auto alone = own->run_fast(image, rebasis::sim::port_to(*memory), true);
    CHECK(run.steps == alone.steps);
    for (std::size_t b = 0; b < rebasis::sim::diannao::own_blocks; ++b)
      CHECK(run.counters.blocks[b] == alone.counters.blocks[b]);
    for (std::size_t a = 0; a <= rebasis::sim::diannao::requantise; ++a)
      CHECK(run.counters.actions[a] == alone.counters.actions[a]);
    CHECK(run.counters.blocks[trec::hash_lanes][rebasis::sim::Cause::busy] == 0);
  }
  CHECK(ran > 30);
}

TEST_CASE("every layer of the shipped networks with random hash vectors") {
  std::string network;
  SUBCASE("ResNet-20") { network = "fmnist_resnet20"; }
  SUBCASE("small VGG") { network = "fmnist_vggsmall"; }
  const std::string path = REBASIS_SOURCE_DIR "/tests/golden/traces/" + network + ".dense.trace";
  const rebasis::trace::TraceReader trace(path);
  TrecSpec spec = rebasis::arch::trec_parameters().resolve({});
  spec.mapping_slack = 10;  // whole maps wherever they fit, so that buckets are those of the definition
  const auto names = trec::counter_names(spec);
  for (std::size_t i = 0; i < trace.metadata().layers.size(); ++i) {
    rebasis::trace::LayerInfo info = trace.metadata().layers[i];
    CAPTURE(info.name);
    const auto vectors = vectors_for(info.shape, 4, 6);
    info.reuse = {vectors.length, vectors.hashes};
    const rebasis::sim::DenseLayer layer = rebasis::sim::load_dense_layer(trace, trace.metadata().layers[i]);
    const auto plan =
        trec::make_plan({{info, layer.weights, layer.has_bias}, vectors}, spec, names, MemorySpeed{12.8, 50});
    const rebasis::sim::Activations image(trace.tensor(info.name + "/activations"), info.shape, 0);
    const auto run = check_plan(*plan, names, image, spec, trec::shell_names().size());
    // Hashed again for other filters.
    const auto counts = rebasis::reuse::count_buckets(rebasis::reuse::im2row(info.shape, image.values(), 1), vectors);
    const auto& actions = run.counters.actions;
    const std::uint64_t times = actions[trec::sub_vectors] / static_cast<std::uint64_t>(counts.sub_vectors);
    CHECK(actions[trec::sub_vectors] == times * static_cast<std::uint64_t>(counts.sub_vectors));
    CHECK(actions[trec::buckets] == times * static_cast<std::uint64_t>(counts.buckets));
  }
}

TEST_CASE("equal mapping identities, equal counters") {
  const auto& parameters = rebasis::arch::trec_parameters();
  MappingPairs pairs(parameters.describe());
  for_random_cases(1500, [&](std::uint64_t seed) {
    Case c(seed);
    TrecSpec other = c.spec;
    vary(c.dice, other.objective, {"dram", "latency"});
    vary(c.dice, other.mapping_slack, {0.0, 0.1, 1.0});
    vary(c.dice, other.expected_redundancy, {0.0, 0.5, 0.95, 1.0});
    for (std::int64_t* bytes : {&other.nbin_bytes, &other.nbout_bytes, &other.sb_bytes, &other.sum_store_bytes,
                                &other.centroid_bytes, &other.id_bytes})
      vary(c.dice, *bytes, {1024, 4096, 8192, 65536});
    vary(c.dice, other.hash_vector_bytes, {128, 1024, 8192});
    vary(c.dice, other.table_bytes, {1024, 16384, 65536});
    vary(c.dice, other.product_bytes, {2048 * other.gather_columns, 16384 * other.gather_columns});
    for (std::int64_t* banks : {&other.nbin_banks, &other.nbout_banks, &other.sb_banks})
      vary(c.dice, *banks, {2, 16, 64});
    for (std::int64_t* bits : {&other.nbin_port_bits, &other.nbout_port_bits, &other.sb_port_bits})
      vary(c.dice, *bits, {64, 512, 4096});
    const auto a = feasible_plan([&] { return c.plan(); }), b = feasible_plan([&] { return c.plan_on(other); });
    if (!a || !b) return false;
    pairs.compare(*a, parameters.print(c.spec), *b, parameters.print(other), c.names, c.layer.random.image(), c.spec);
    return true;
  });
  pairs.finish();
}
