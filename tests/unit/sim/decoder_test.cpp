// The weight decoder: chunks computed by hand from docs/decoders.md, "Cycle rules", and properties of random ones.
#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "sim/core/decoder/chunk_decoder.h"
#include "sim/core/decoder/decode_times.h"
#include "sim/core/decoder/wavelet.h"
#include "tests/support/dice.h"
#include "tests/support/toy_core.h"
#include "workloads/encode/huffman.h"

using namespace rebasis;
using namespace rebasis::sim;

namespace {

arch::DecoderSpec spec_of(const std::string& kind) {
  arch::DecoderSpec spec = arch::system_parameters().resolve({}).decoder;
  spec.kind = kind;
  return spec;
}

DecodePlan plan_of(const arch::DecoderSpec& spec, std::span<const std::int8_t> weights, bool stores_zeros = true) {
  DecodePlan plan;
  plan.spec = spec;
  plan.source.stores_zeros = stores_zeros;
  WeightHistogram histogram(spec.chunk);
  histogram.add(weights);
  plan.code = histogram.best_code(spec);
  return plan;
}

struct Decoded {
  std::vector<std::int8_t> weights;
  Cycle cycles = 0;
  std::uint64_t bytes = 0;
  DecoderActions actions;
};

Decoded decode(const DecodePlan& plan, const std::vector<std::int8_t>& weights) {
  Decoded result;
  std::vector<std::uint8_t> bytes = encode_chunk(weights, plan.code, plan.spec);
  result.bytes = bytes.size();
  const auto decoder = make_chunk_decoder(plan, std::move(bytes), weights.size());
  for (bool last = false; !last; ++result.cycles) last = decoder->cycle(result.actions);
  result.weights = decoder->weights();
  return result;
}

/// Both statements of the rules agree on a chunk, and it decodes to itself.
Decoded check(const DecodePlan& plan, const std::vector<std::int8_t>& weights) {
  Decoded clocked = decode(plan, weights);
  ChunkCost fast = chunk_cost(weights, plan.code, plan.spec, plan.source);
  CHECK(clocked.weights == weights);
  CHECK(clocked.cycles == fast.cycles);
  CHECK(clocked.bytes == fast.bytes);
  fast.actions[DecoderAction::staged_read] = fast.actions[DecoderAction::staged_write] = 0;  // the block's, not here
  CHECK(clocked.actions == fast.actions);
  return clocked;
}

std::vector<std::int8_t> random_weights(test::Dice& dice) {
  std::vector<std::int8_t> weights(static_cast<std::size_t>(dice.between(1, 400)));
  const double density = dice.pick<double>({0, 0.02, 0.3, 1});
  const std::int64_t levels = dice.pick<std::int64_t>({1, 2, 7, 128});
  for (auto& weight : weights) {
    if (dice.chance(density)) weight = static_cast<std::int8_t>(dice.between(-levels, levels - 1));
  }
  return weights;
}

}  // namespace

TEST_CASE("run-length: pairs and the writing of their zeros, by hand") {
  // 5 0 0 0 0 0 0 0 0 0 0 0 7 0 0: pairs (0, 5) (11, 7) (1, 0), at one a cycle, four weights written in a cycle.
  const std::vector<std::int8_t> weights{5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0};
  arch::DecoderSpec spec = spec_of("run_length");
  spec.write_bytes = 4;
  DecodePlan plan = plan_of(spec, weights);
  REQUIRE(plan.code.run_bits == 4);    // 3 pairs of 4 + 4 bits; 3-bit runs need a fourth, of 3 + 4
  REQUIRE(plan.code.value_bits == 4);  // -8 to 7
  const Decoded dense = check(plan, weights);
  CHECK(dense.bytes == 2 + 3);
  // Pair i is decoded in cycle i; writing takes 1, 3 and 1 cycles, one after the other, from cycle 1 on. The third pair
  // has its place when the first has been written (cycle 2) and is written from cycle 5 on.
  CHECK(dense.cycles == 1 + 1 + 3 + 1);
  CHECK(dense.actions[DecoderAction::pair] == 3);
  // A buffer of non-zero weights takes one word a pair.
  plan.source.stores_zeros = false;
  CHECK(check(plan, weights).cycles == 1 + 3);
}

TEST_CASE("Huffman: one code a cycle, or as many as symbols_per_cycle") {
  const std::vector<std::int8_t> weights{1, 2, 1, 3, 1, 2, 1, 1};  // codes of 1, 2, 2 bits: 5 + 2 x 2 + 2 = 11
  arch::DecoderSpec spec = spec_of("huffman");
  DecodePlan plan = plan_of(spec, weights);
  REQUIRE_FALSE(plan.code.pairs);
  const Decoded one = check(plan, weights);
  CHECK(one.bytes == 2 + 2);
  CHECK(one.cycles == 8 + 1);  // and the last is written
  CHECK(one.actions[DecoderAction::huffman_symbol] == 8);
  plan.spec.symbols_per_cycle = 3;
  CHECK(check(plan, weights).cycles == 3 + 1);
  plan.spec.write_bytes = 1;  // three weights a group take three cycles to write
  CHECK(check(plan, weights).cycles == 1 + 3 + 3 + 2);
}

TEST_CASE("succinct: a level a cycle") {
  const std::vector<std::int8_t> weights{1, 2, 1, 3, 1, 2, 1, 1};  // depths 1, 2, 2: 11 bits, one word
  arch::DecoderSpec spec = spec_of("succinct_element");
  spec.operands = 1;
  DecodePlan plan = plan_of(spec, weights);
  // The word; then each operand alone walks and is written: 5 of 1 + 1 cycles and 3 of 2 + 1.
  Decoded run = check(plan, weights);
  CHECK(run.cycles == 1 + 5 * 2 + 3 * 3);
  CHECK(run.actions[DecoderAction::rank] == 1 + 11);
  CHECK(run.actions[DecoderAction::chunk_read] == 11 * level_bytes);
  plan.spec.operands = 8;  // one enters a cycle; the second waits for its second level, all behind it a cycle too
  CHECK(check(plan, weights).cycles == 1 + 8 + 2);
  plan.spec.kind = "succinct_block";  // a pipeline of two levels
  run = check(plan, weights);
  CHECK(run.cycles == 1 + 2 + 8);
  CHECK(run.actions[DecoderAction::level_step] == 11);
  plan.spec.kind = "succinct_element";
  plan.spec.tree = "balanced";
  WeightHistogram histogram(plan.spec.chunk);
  histogram.add(weights);
  plan.code = histogram.best_code(plan.spec);
  CHECK(plan.code.value_lengths[symbol_of(1)] == 1);  // three symbols: the first is a level less deep
  CHECK(plan.code.value_lengths[symbol_of(2)] == 2);
  check(plan, weights);
}

TEST_CASE("random chunks decode to themselves, both fidelities agree, none beats its throughput") {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    test::Dice dice(seed);
    arch::DecoderSpec spec =
        spec_of(dice.pick<std::string>({"run_length", "huffman", "succinct_element", "succinct_block"}));
    spec.symbols_per_cycle = dice.between(1, 5);
    spec.operands = dice.between(1, 12);
    spec.write_bytes = dice.between(1, 9);
    spec.chunk = 512;
    spec.tree = dice.pick<std::string>({"huffman", "balanced"});
    const std::vector<std::int8_t> weights = random_weights(dice);
    DecodePlan plan = plan_of(spec, weights, dice.chance(0.5));
    plan.source.element_bytes = dice.between(1, 2);
    const Decoded run = check(plan, weights);
    std::int64_t operands = 0;
    for_each_operand(weights, plan.code, [&](std::uint32_t, std::int8_t) { ++operands; });
    const std::int64_t a_cycle = spec.succinct() ? 1 : spec.symbols_per_cycle;
    CHECK(run.cycles * a_cycle >= operands);
    const auto size = static_cast<std::int64_t>(weights.size());
    if (plan.source.stores_zeros) CHECK(run.cycles * spec.write_bytes >= size * plan.source.element_bytes);
  }
}

TEST_CASE("a wavelet tree accesses any position") {
  test::Dice dice(7);
  std::vector<std::size_t> symbols(500);
  for (auto& symbol : symbols) symbol = static_cast<std::size_t>(dice.between(0, 3) * dice.between(0, 3));
  std::vector<std::uint8_t> lengths(10);
  std::vector<std::uint64_t> frequencies(10);
  for (const std::size_t symbol : symbols) ++frequencies[symbol];
  lengths = encode::code_lengths(frequencies);
  const TreeShape shape(lengths);
  encode::BitWriter out;
  write_tree(shape, symbols, out);
  const std::vector<std::uint8_t> bytes = out.take();
  encode::BitReader in(bytes);
  const WaveletTree tree(shape, in, symbols.size());
  for (int i = 0; i < 200; ++i) {
    const auto at = static_cast<std::size_t>(dice.between(0, 499));
    WaveletTree::Walk walk = tree.begin(at);
    int levels = 0;
    for (; !walk.symbol; ++levels) tree.step(walk);
    CHECK(*walk.symbol == symbols[at]);
    CHECK(levels == lengths[symbols[at]]);
  }
}

TEST_CASE("streams take chunks in turn and wait for bytes and for a bank") {
  DecodePlan plan;
  plan.spec = spec_of("huffman");
  plan.spec.streams = 2;
  plan.tiles.push_back({{}, 0, {{10, 5}, {20, 7}, {30, 1}}, 30, {}});
  DecodeTimes times(plan);
  // Told at 3; a byte a cycle from cycle 100 on. Stream 0: chunk 0 from 110, chunk 2 from 130; stream 1: from 120.
  const auto arrival = [](std::uint64_t bytes) { return Cycle{100} + static_cast<Cycle>(bytes); };
  CHECK(times.load(0, 0, 3, arrival) == 131);
  const Account& account = times.counts().account;
  CHECK(account[Cause::busy] == 13);
  CHECK(account[Cause::output] == 3 + 3);
  CHECK(account[Cause::dram] == 107 + 15 + 117);
}

namespace {

/// Three steps, each with a tile of 64 coded bytes; `cycles` for each of its two chunks.
StepPlan coded_plan(Cycle cycles, bool coded) {
  StepPlan plan;
  plan.buffers = {{2, 1, 0}, {2, 1, 0}};
  plan.result_slots = 4;
  plan.output_read_action = 1;
  plan.output_write_action = 2;
  auto decoding = std::make_shared<DecodePlan>();
  decoding->spec = spec_of("huffman");
  decoding->spec.streams = 4;
  for (std::uint64_t i = 0; i < 3; ++i) {
    Step step;
    step.loads.push_back({1, {{TensorClass::weights, 64 * i, 64}}});
    if (coded) step.loads.back().coded = i;
    step.stores = {{TensorClass::outputs, 4096, 16}};
    plan.steps.push_back(step);
    decoding->tiles.push_back({{}, 0, {{32, cycles}, {64, cycles}}, 64, {}});
  }
  if (coded) plan.decoding = decoding;
  return plan;
}

}  // namespace

TEST_CASE("a decoder without limits is no decoder; a slow one makes the array wait for weights") {
  const std::vector<StepCost> costs(3, {20, 2, 1});
  const CounterNames names = test::toy_names();
  const auto run = [&](Cycle cycles, bool coded) {
    return test::toy_fast(coded_plan(cycles, coded), costs, names, {16, 2}, test::fixed_memory(9, 5));
  };
  const LayerRun none = run(0, false), unlimited = run(0, true), slow = run(100, true);
  CHECK(first_difference(names, none.counters, unlimited.counters) == "");
  CHECK(none.steps == unlimited.steps);
  // Two chunks on two streams at once: 100 cycles each from its last byte on; the second of each tile ends last.
  CHECK(slow.steps[0].ready == none.steps[0].ready + 100);
  CHECK(slow.counters.blocks.front()[Cause::weights] >= 100);
  CHECK(slow.counters.blocks.front()[Cause::dram] <= none.counters.blocks.front()[Cause::dram]);
  CHECK(slow.counters.cycles > none.counters.cycles + 100);
}
