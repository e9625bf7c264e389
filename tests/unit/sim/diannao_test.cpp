// DianNao against closed forms and counts by hand (docs/accelerators/diannao.md).
#include <doctest/doctest.h>

#include <limits>
#include <memory>
#include <string>

#include "arch/accelerator_file.h"
#include "common/units.h"
#include "sim/diannao/counters.h"
#include "sim/diannao/plan.h"
#include "tests/support/errors.h"
#include "tests/support/model_equivalence.h"

using namespace rebasis;
using namespace rebasis::sim;
using namespace rebasis::sim::diannao;
using rebasis::arch::DianNaoSpec;
using rebasis::test::Dice;

namespace {

/// A memory that answers in the next cycle and requests as large as any tensor here, so that the DMA's part is known.
DianNaoSpec plain_spec() {
  DianNaoSpec spec = arch::diannao_parameters().resolve({});
  spec.dram_model = "unlimited";
  spec.dma_request_bytes = 65536;
  return spec;
}

const MemorySpeed immediate{std::numeric_limits<double>::infinity(), 0};

struct Run {
  Counters counters;
  std::size_t steps = 0;
};

Run run(const LayerShape& shape, const DianNaoSpec& spec, test::Densities densities = {}, bool bias = false) {
  Dice dice(7);
  test::RandomDenseLayer random = test::dense_layer_of(shape, dice, densities);
  random.layer.has_bias = bias;
  const CounterNames names = counter_names(spec);
  const auto plan = make_plan(random.layer, spec, names, immediate);
  // check_plan: both fidelities, values, bounds.
  const LayerRun result = test::check_plan(*plan, names, random.image(), spec, shell_names().size());
  return {result.counters, result.steps.size()};
}

/// First step begins at 3 (requests for inputs and weights in cycles 0 and 1, answered at 2, and the controller's
/// register), the pipeline and NBout's write take stages + 1, the store's request leaves a cycle later and is answered
/// in the next.
Cycle overhead(const DianNaoSpec& spec) { return 3 + spec.nfu1_stages + spec.nfu2_stages + spec.nfu3_stages + 1 + 2; }

}  // namespace

TEST_CASE(
    "a dense layer of one tile takes E F ceil(M/Tn) R S ceil(C/Ti) cycles, and what fills and drains the pipeline") {
  const DianNaoSpec spec = plain_spec();
  CHECK(overhead(spec) == 14);
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Dice dice(seed);
    LayerShape shape{
        .M = dice.between(1, 80), .C = dice.between(1, 80), .H = dice.between(3, 9), .W = dice.between(3, 9)};
    shape.R = dice.between(1, 3);
    shape.S = dice.between(1, 3);
    shape.stride_h = shape.R > 1 ? dice.between(1, 2) : 1;
    shape.pad_top = shape.pad_left = dice.between(0, 1);
    const Run one = run(shape, spec);
    REQUIRE(one.steps == 1);
    const Cycle issue =
        shape.E() * shape.F() * ceil_div<Cycle>(shape.M, 32) * shape.R * shape.S * ceil_div<Cycle>(shape.C, 32);
    CHECK(one.counters.cycles == issue + overhead(spec));
    CHECK(one.counters.effective_macs == static_cast<std::uint64_t>(shape.macs()));
    // What the tails of M and C leave idle is counted as such.
    CHECK(one.counters.blocks[nfu1][Cause::busy] == shape.macs());
    CHECK(one.counters.blocks[nfu1][Cause::imbalance] == issue * 1024 - shape.macs());
  }
}

TEST_CASE("the depth of the pipeline is paid once a layer") {
  const LayerShape shape{.M = 40, .C = 20, .H = 6, .W = 6, .R = 3, .S = 3};
  DianNaoSpec spec = plain_spec();
  const Cycle usual = run(shape, spec).counters.cycles;
  spec.nfu1_stages = 7;
  spec.nfu2_stages = 5;
  spec.nfu3_stages = 1;
  CHECK(run(shape, spec).counters.cycles == usual + 4 + 3 - 2);
}

TEST_CASE("zeros take time like any other value") {
  const LayerShape shape{.M = 40, .C = 20, .H = 6, .W = 6, .R = 3, .S = 3};
  const DianNaoSpec spec = plain_spec();
  CHECK(run(shape, spec, {0, 0}).counters == run(shape, spec, {1, 1}).counters);
  CHECK(run(shape, spec, {0.1, 0.5}).counters == run(shape, spec, {1, 1}).counters);
}

TEST_CASE("counts of a layer of one tile") {
  // 2 x 2 outputs, 40 filters (blocks of 32 and 8), 3 x 3 kernel, 33 channels (chunks of 32 and 1), padding 1.
  const LayerShape shape{
      .M = 40, .C = 33, .H = 2, .W = 2, .R = 3, .S = 3, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1};
  const Counters c = run(shape, plain_spec(), {}, true).counters;
  const std::uint64_t outputs = 40 * 4, issue = 4 * 2 * 9 * 2,
                      inside = 4 * 4;  // each output touches 4 of its 9 kernel positions
  CHECK(c.actions[mac] == outputs * 9 * 33);
  CHECK(c.actions[nbin_read] == 2 * inside * 33);               // for each block of filters
  CHECK(c.actions[sb_read] == outputs * 9 * 33 + outputs * 4);  // and the biases
  CHECK(c.actions[accumulate] == outputs * 9 * 2);
  CHECK(c.actions[register_write] == outputs * 9 * 2 * 4);
  CHECK(c.actions[register_read] == outputs * (9 * 2 - 1) * 4);
  CHECK(c.actions[nbout_write] == outputs);
  CHECK(c.actions[nbout_read] == outputs);  // by the DMA
  CHECK(c.actions[nbin_write] == 33 * 4);
  CHECK(c.actions[sb_write] == 40 * 33 * 9 + 40 * 4);
  CHECK(c.actions[requantise] == outputs);
  CHECK(c.blocks[sb][Cause::busy] == static_cast<Cycle>(issue));
  CHECK(c.blocks[nbin][Cause::busy] == static_cast<Cycle>(2 * inside * 2));
  CHECK(c.blocks[nfu3][Cause::busy] == 4 * 2);
  CHECK(c.blocks[nbout][Cause::busy] == 4 * 2);
}

TEST_CASE("partial sums stay in NFU-2 during a chunk of channels and rotate through NBout between chunks") {
  // SB holds two tiles of 32 x 32 weights: four chunks of 32 channels, one output tile.
  const LayerShape shape{.M = 32, .C = 128, .H = 2, .W = 2};
  DianNaoSpec spec = plain_spec();
  spec.sb_bytes = 2 * 32 * 32;
  const Run four = run(shape, spec);
  CHECK(four.steps == 4);
  const std::uint64_t outputs = 32 * 4;
  CHECK(four.counters.actions[nbout_write] == 3 * outputs * 4 + outputs);
  CHECK(four.counters.actions[nbout_read] == 3 * outputs * 4 + outputs);
  CHECK(four.counters.dram.outputs == outputs);              // none spilled
  CHECK(four.counters.blocks[nbout][Cause::busy] == 4 * 4);  // blocks of one cycle read and write in it
  CHECK(four.counters.blocks[sb][Cause::busy] == 4 * 4);
}

TEST_CASE("sixteen bits: twice the bytes, four byte products, the same cycles") {
  const LayerShape shape{.M = 40, .C = 20, .H = 6, .W = 6, .R = 3, .S = 3};
  DianNaoSpec spec = plain_spec();
  const Counters eight = run(shape, spec).counters;
  spec.precision_bits = 16;
  const Counters sixteen = run(shape, spec).counters;
  CHECK(sixteen.cycles == eight.cycles);
  CHECK(sixteen.dram.total() == 2 * eight.dram.total());
  CHECK(sixteen.actions[sb_read] == 2 * eight.actions[sb_read]);
  CHECK(sixteen.actions[mac] == 4 * eight.actions[mac]);
  CHECK(sixteen.actions[accumulate] == eight.actions[accumulate]);
}

TEST_CASE("groups share the array as blocks on a diagonal") {
  const LayerShape depthwise{.M = 70, .C = 70, .H = 4, .W = 4, .R = 3, .S = 3, .groups = 70};
  DianNaoSpec spec = plain_spec();
  const Counters packed = run(depthwise, spec).counters;  // packs of 32, 32 and 6
  CHECK(packed.blocks[sb][Cause::busy] == 3 * 4 * 9);
  CHECK(packed.dram.weights == (2 * 32 * 32 + 6 * 6) * 9);
  CHECK(packed.effective_macs == static_cast<std::uint64_t>(depthwise.macs()));
  CHECK(packed.actions[mac] == static_cast<std::uint64_t>(depthwise.macs()));  // zeros off the diagonal do not switch
  CHECK(packed.actions[sb_read] == static_cast<std::uint64_t>((2 * 32 * 32 + 6 * 6) * 9 * 4));  // but are read
  spec.pack_groups = false;
  const Counters single = run(depthwise, spec).counters;
  CHECK(single.blocks[sb][Cause::busy] == 70 * 4 * 9);
  CHECK(single.dram.weights == 70 * 9);
  // 3 filters and 10 channels a group: three groups side by side fit 32 inputs.
  spec.pack_groups = true;
  const LayerShape grouped{.M = 12, .C = 40, .H = 4, .W = 4, .groups = 4};
  CHECK(groups_of_pack(grouped, spec) == 3);
  CHECK(run(grouped, spec).counters.dram.weights == 9 * 30 + 3 * 10);
  // A group as wide as the array has it alone.
  CHECK(groups_of_pack({.M = 64, .C = 34, .groups = 2}, spec) == 1);
  CHECK(groups_of_pack({.M = 64, .C = 34}, spec) == 1);
}

TEST_CASE("padding takes cycles unless it is skipped") {
  // 4 x 4 outputs of a 3 x 3 kernel with padding 1: rows touch 2, 3, 3, 2 kernel rows: 10 of 12, columns alike.
  const LayerShape shape{
      .M = 1, .C = 1, .H = 4, .W = 4, .R = 3, .S = 3, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1};
  DianNaoSpec spec = plain_spec();
  CHECK(run(shape, spec).counters.blocks[sb][Cause::busy] == 16 * 9);
  spec.skip_padding = true;
  CHECK(run(shape, spec).counters.blocks[sb][Cause::busy] == 10 * 10);
  // Outputs that see nothing but padding take a cycle each: a 1 x 1 kernel on one element, padded to 3 x 3.
  const LayerShape around{.H = 1, .W = 1, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1};
  CHECK(run(around, spec).counters.blocks[sb][Cause::busy] == 9);
}

TEST_CASE("the presets: Table IX's resources, and the published design") {
  const DianNaoSpec table = arch::diannao_parameters().resolve(arch::load_accelerator_file("diannao").config);
  CHECK(table.Tn * table.Ti == 1024);
  CHECK(table.nbin_bytes + table.nbout_bytes + table.sb_bytes == 772 * 1024);
  CHECK(table.precision_bits == 8);
  CHECK(table.frequency_hz == 1e9);
  const DianNaoSpec original =
      arch::diannao_parameters().resolve(arch::load_accelerator_file("diannao-original").config);
  CHECK(original.Tn == 16);
  CHECK(original.Ti == 16);
  CHECK(original.sb_bytes == 32 * 1024);
  CHECK(original.nbin_bytes == 2 * 1024);
  CHECK(original.nbout_bytes == 2 * 1024);
  CHECK(original.precision_bits == 16);
  CHECK(original.frequency_hz == 0.98e9);
  CHECK(original.nfu1_stages + original.nfu2_stages + original.nfu3_stages == 8);
}

TEST_CASE("impossible combinations are refused with the reason") {
  const auto resolve = [](const std::vector<std::string>& set) {
    return [=] {
      static_cast<void>(arch::diannao_parameters().resolve(arch::load_accelerator_file("diannao", set).config));
    };
  };
  CHECK(test::bad_input(resolve({"nfu.precision=12"})).find("nfu.precision must be 8 or 16 bits") != std::string::npos);
  CHECK(test::bad_input(resolve({"nfu.tn=1024", "nfu.ti=128"})).find("more than 65536 multipliers") !=
        std::string::npos);
  CHECK(test::bad_input(resolve({"sb.banks=63"})).find("sb.banks must divide sb.size") != std::string::npos);
  CHECK(test::bad_input(resolve({"nbin.size=1001", "nbin.banks=2"})).find("nbin.banks must divide nbin.size") !=
        std::string::npos);
  CHECK(test::bad_input(resolve({"nbout.banks=33"})).find("nbout.banks must divide nbout.size") != std::string::npos);
  CHECK(test::bad_input(resolve({"nbin.port=8"})).find("a half of NBin does not deliver Ti neurons a cycle") !=
        std::string::npos);
  CHECK(test::bad_input(resolve({"nbout.port=32"})).find("a half of NBout does not deliver Tn sums a cycle") !=
        std::string::npos);
  CHECK(test::bad_input(resolve({"nfu.tn=64"})).find("a half of SB does not deliver Tn x Ti synapses a cycle") !=
        std::string::npos);
  CHECK(test::bad_input(resolve({"nfu2.sum=33"})).find("whole number of bytes") != std::string::npos);
  CHECK(test::bad_input(resolve({"nfu2.stages=0"})).find("nfu2.stages") != std::string::npos);
}

TEST_CASE("a buffer too small for one tile is named") {
  const LayerShape shape{.M = 32, .C = 32, .H = 9, .W = 9, .R = 3, .S = 3};
  DianNaoSpec spec = plain_spec();
  spec.sb_bytes = 1024;
  Dice dice(1);
  const auto random = test::dense_layer_of(shape, dice, {});
  const CounterNames names = counter_names(spec);
  try {
    static_cast<void>(make_plan(random.layer, spec, names, immediate));
    FAIL("fits");
  } catch (const Error& error) {
    CHECK(error.status() == Status::infeasible);
    CHECK(std::string(error.what()).find("layer random does not fit: the weight buffer would need ") == 0);
  }
}

TEST_CASE("every action has a price in every table") {
  const DianNaoSpec spec = plain_spec();
  std::map<std::string, std::uint64_t> actions;
  for (const std::string& action : counter_names(spec).actions) actions[action] = 1;
  for (const std::string& table : arch::EnergyTable::names()) {
    CAPTURE(table);
    CHECK_NOTHROW(static_cast<void>(arch::EnergyTable::load(table).price_all(actions, sram_geometry(spec))));
  }
}
