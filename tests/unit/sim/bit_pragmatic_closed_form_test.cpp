// Layers whose cycles a formula gives, and conservation of oneffsets.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>

#include "common/units.h"
#include "sim/bit_pragmatic/plan.h"
#include "sim/core/system.h"
#include "tests/support/bit_pragmatic_case.h"
#include "tests/support/model_equivalence.h"

namespace rebasis {
namespace {

using sim::bit_pragmatic::counter_names;
using sim::bit_pragmatic::digit_step;
using sim::bit_pragmatic::make_plan;

/// 8 filters, 12 channels, 6 x 6 outputs: two passes, three chunks, nine pallets of four windows.
constexpr LayerShape shape{.M = 8, .C = 12, .H = 8, .W = 8, .R = 3, .S = 3};
constexpr std::int64_t sets = 2 * 9 * (3 * 3 * 3);

struct Run {
  sim::LayerRun run;
  sim::CounterNames names;
  /// All steps together; what lies between them is not the array's.
  [[nodiscard]] sim::Cycle step_cycles() const {
    sim::Cycle cycles = 0;
    for (const sim::StepTimes& step : run.steps) cycles += step.done - step.ready;
    return cycles;
  }
  [[nodiscard]] sim::Cycle steps() const { return static_cast<sim::Cycle>(run.steps.size()); }
  /// Of all steps: NBin's read, the encoding and a cycle until the first pallet is there.
  [[nodiscard]] sim::Cycle first_pallets() const { return 3 * steps(); }
};

/// Checks the run against clocked on the way.
Run run_layer(const arch::BitPragmaticSpec& spec, const test::RandomDenseLayer& random) {
  Run result{{sim::Counters({}), {}}, counter_names(spec)};
  const auto plan = make_plan(random.layer, spec, result.names, {12.8, 100});
  result.run =
      test::check_plan(*plan, result.names, random.image(), spec, sim::bit_pragmatic::shell_names(spec).size());
  return result;
}

test::RandomDenseLayer layer_with(const LayerShape& of, std::uint8_t activation) {
  test::Dice dice(3);
  test::RandomDenseLayer random = test::dense_layer_of(of, dice, {1, 1});
  random.layer.info.activations.is_signed = false;
  std::fill(random.activations.begin(), random.activations.end(), activation);
  return random;
}

}  // namespace

TEST_CASE("all bits set: the dense bit-serial machine, for every first stage and synchronisation") {
  for (const char* sync : {"pallet", "column"}) {
    for (const std::int64_t first_stage : {0, 1, 2, 3}) {
      arch::BitPragmaticSpec spec = test::small_bit_pragmatic();
      spec.encoding = "plain";
      spec.sync = sync;
      spec.first_stage_bits = first_stage;
      const Run run = run_layer(spec, layer_with(shape, 255));
      CHECK(run.step_cycles() == run.first_pallets() + 8 * sets);
      CHECK(run.run.counters.blocks[0][sim::Cause::busy] == 4 * 8 * sets);
      CHECK(run.run.counters.actions[digit_step] == 8 * static_cast<std::uint64_t>(shape.macs()));
      // The last result: four columns through the output port, then the pipeline.
      CHECK(run.run.steps[0].drained - run.run.steps[0].done == 4 + spec.pipeline_stages);
    }
  }
}

TEST_CASE("16-bit logic: an 8-bit value takes as long, a negative one in two's complement twice as long") {
  arch::BitPragmaticSpec spec = test::small_bit_pragmatic();
  spec.encoding = "plain";
  spec.precision_bits = 16;
  const Run positive = run_layer(spec, layer_with(shape, 255));
  CHECK(positive.step_cycles() == positive.first_pallets() + 8 * sets);
  test::RandomDenseLayer random = layer_with(shape, 255);
  random.layer.info.activations.is_signed = true;  // -1: all sixteen bits
  const Run negative = run_layer(spec, random);
  CHECK(negative.step_cycles() == negative.first_pallets() + 16 * sets);
}

TEST_CASE("all activations zero: a cycle a brick, no work") {
  arch::BitPragmaticSpec spec = test::small_bit_pragmatic();
  spec.nbin_row_bricks = 64;  // the 8 x 8 map in one row of NBin: a pallet that straddles rows would take two cycles
  const Run run = run_layer(spec, layer_with(shape, 0));
  CHECK(run.step_cycles() == run.first_pallets() + sets);
  CHECK(run.run.counters.actions[digit_step] == 0);
  CHECK(run.run.counters.effective_macs == 0);
}

TEST_CASE("the synapse buffer's port and NBin's rows limit a pallet") {
  arch::BitPragmaticSpec spec = test::small_bit_pragmatic();
  spec.sb_weights_per_cycle = 4;  // a set takes four cycles
  const Run synapses = run_layer(spec, layer_with(shape, 0));
  CHECK(synapses.step_cycles() == 4 * sets + 2 * synapses.steps());  // its read takes a cycle more
  CHECK(synapses.run.counters.blocks[0][sim::Cause::weights] > 0);
  spec.sb_weights_per_cycle = 16;
  spec.nbin_row_bricks = 1;  // each brick is a row of its own: four cycles a pallet
  const Run inputs = run_layer(spec, layer_with(shape, 0));
  CHECK(inputs.step_cycles() == 4 * sets + inputs.first_pallets());
  CHECK(inputs.run.counters.blocks[0][sim::Cause::inputs] > 0);
  spec.nbin_row_bricks = 4;
  spec.sb_weights_per_cycle = 2;  // eight cycles hide behind eight oneffsets, but for the first set of a step
  spec.encoding = "plain";
  const Run hidden = run_layer(spec, layer_with(shape, 255));
  CHECK(hidden.step_cycles() == 9 * hidden.steps() + 8 * sets);
}

TEST_CASE("windows shorter than the output port needs") {
  // 1 x 1 kernels on 4 channels: a window is one brick of one cycle, but four columns share the port.
  constexpr LayerShape pointwise{.M = 4, .C = 4, .H = 8, .W = 8};
  const Run run = run_layer(test::small_bit_pragmatic(), layer_with(pointwise, 0));
  const sim::Account& columns = run.run.counters.blocks[0];
  CHECK(columns[sim::Cause::busy] == 64);
  CHECK(columns[sim::Cause::output] > 0);
  CHECK(run.run.counters.cycles >= 64);  // one result a cycle
}

TEST_CASE("a result is in the latch pip.pipeline cycles after its last oneffset") {
  // One window of one brick of eight cycles, one column.
  constexpr LayerShape point{.M = 4, .C = 4};
  for (const std::int64_t stages : {0, 1, 3, 20}) {
    arch::BitPragmaticSpec spec = test::small_bit_pragmatic();
    spec.encoding = "plain";
    spec.pipeline_stages = stages;
    const Run run = run_layer(spec, layer_with(point, 255));
    CHECK(run.step_cycles() == 3 + 8);
    CHECK(run.run.steps[0].drained - run.run.steps[0].done == stages + 1);
  }
}

TEST_CASE("while a result waits for the latch the pipeline fills, then the column waits") {
  // Eight windows a column of one brick of one cycle, two columns, two cycles of the port a result. Without waiting the
  // n-th brick (from 0) of column 1 is taken in cycle 3 + n and added P cycles later. Its results leave the port in
  // cycle 8 + P and every fourth after that, which is when the next but one is added: d(n) = 8 + P + 4 (n - 2).
  constexpr LayerShape pointwise{.M = 2, .C = 4, .H = 1, .W = 16};
  arch::BitPragmaticSpec spec = test::small_bit_pragmatic();
  spec.columns = 2;
  spec.rows = 2;
  spec.nbout_outputs_per_cycle = 1;
  spec.registers = 64;
  spec.nbin_row_bricks = 64;
  for (const std::int64_t stages : {0, 2, 5}) {
    spec.pipeline_stages = stages;
    const Run run = run_layer(spec, layer_with(pointwise, 1));
    CHECK(run.run.steps[0].drained - run.run.steps[0].ready == 3 + 1 + stages + 16 * 2);
    // The last brick is taken when the one P before it is added.
    CHECK(run.step_cycles() == 1 + 8 + stages + 4 * (7 - stages - 2));
  }
}

TEST_CASE("adding to partial sums takes a read and a write of NBout, or a second port") {
  arch::BitPragmaticSpec spec = test::small_bit_pragmatic();
  spec.nbin_bytes = 1024;  // channels in several steps
  spec.sb_bytes = 256;
  constexpr LayerShape deep{.M = 4, .C = 64, .H = 4, .W = 4, .R = 1, .S = 1};
  const Run one = run_layer(spec, layer_with(deep, 0));
  spec.nbout_ports = 2;
  const Run two = run_layer(spec, layer_with(deep, 0));
  REQUIRE(one.steps() == two.steps());
  REQUIRE(one.steps() > 1);
  const auto drained = [](const Run& run, std::size_t step) {
    return run.run.steps[step].drained - run.run.steps[step].ready;
  };
  CHECK(drained(one, 0) == drained(two, 0));
  CHECK(drained(one, 1) > drained(two, 1));
}

TEST_CASE("columns synchronise by pallet: the slowest brick of each pallet counts") {
  // One row of windows, 1 x 1 kernel, one chunk: bricks of 1, 2, 3 and 8 cycles, in two pallets.
  constexpr LayerShape row{.M = 1, .C = 1, .W = 8};
  test::RandomDenseLayer random = layer_with(row, 0);
  random.activations = {0, 1, 3, 7, 255, 1, 1, 1};
  arch::BitPragmaticSpec spec = test::small_bit_pragmatic();
  spec.encoding = "plain";
  spec.sync = "pallet";
  const Run run = run_layer(spec, random);
  CHECK(run.step_cycles() == 3 + 3 + 8);
  CHECK(run.run.counters.blocks[0][sim::Cause::busy] == 1 + 1 + 2 + 3 + 8 + 1 + 1 + 1);
  // Per column, with one register: the column with 255 takes its brick when its first is done, set 1 being there since
  // cycle 4.
  spec.sync = "column";
  CHECK(run_layer(spec, random).step_cycles() == 3 + 1 + 8);
}

TEST_CASE("groups share bricks: four depthwise channels in four lanes and four rows") {
  constexpr LayerShape depthwise{
      .M = 8, .C = 8, .H = 6, .W = 6, .R = 3, .S = 3, .groups = 8};  // 16 windows, four pallets
  arch::BitPragmaticSpec spec = test::small_bit_pragmatic();
  spec.encoding = "plain";
  spec.fold = "off";
  const Run packed = run_layer(spec, layer_with(depthwise, 255));
  CHECK(packed.step_cycles() == packed.first_pallets() + 8 * 2 * 4 * 9);
  CHECK(packed.run.counters.actions[digit_step] ==
        8 * static_cast<std::uint64_t>(depthwise.macs()));  // zeros between groups do not count
  CHECK(packed.run.counters.effective_macs == static_cast<std::uint64_t>(depthwise.macs()));
  spec.pack_groups = false;
  const Run alone = run_layer(spec, layer_with(depthwise, 255));
  CHECK(alone.step_cycles() == alone.first_pallets() + 8 * 8 * 4 * 9);
  CHECK(alone.run.counters.actions[digit_step] == packed.run.counters.actions[digit_step]);
  spec.fold = "row";  // three kernel columns in a brick of one channel
  const Run folded = run_layer(spec, layer_with(depthwise, 255));
  CHECK(folded.step_cycles() == folded.first_pallets() + 8 * 8 * 4 * 3);
}

TEST_CASE("oneffsets are conserved: digit steps = terms x filters, over all windows") {
  test::Dice dice(11);
  for (int i = 0; i < 20; ++i) {
    arch::BitPragmaticSpec spec = test::random_bit_pragmatic(dice);
    spec.nbin_bytes = spec.sb_bytes = spec.nbout_bytes = 1 << 20;
    spec.encoding = "plain";
    test::RandomDenseLayer random = test::dense_layer_of(
        {.M = 5, .C = 9, .H = 7, .W = 6, .R = 3, .S = 2, .stride_h = 2, .pad_top = 1, .pad_right = 1}, dice, {1, 0.6});
    random.layer.info.activations.is_signed = false;
    const LayerShape& s = random.layer.shape();
    const sim::Activations image = random.image();
    std::uint64_t terms = 0;
    for (std::int64_t o = 0; o < s.E() * s.F(); ++o) {
      for (std::int64_t k = 0; k < s.C * s.R * s.S; ++k) {
        const int value = image.at(k / (s.R * s.S), o / s.F() * s.stride_h + k / s.S % s.R - s.pad_top,
                                   o % s.F() + k % s.S - s.pad_left);
        terms += static_cast<std::uint64_t>(std::popcount(static_cast<unsigned>(value)));
      }
    }
    CHECK(run_layer(spec, random).run.counters.actions[digit_step] == terms * static_cast<std::uint64_t>(s.M));
  }
}

}  // namespace rebasis
