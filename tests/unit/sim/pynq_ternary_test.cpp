// The PE-wise ternary accelerator: closed forms, Table 7 of the dissertation, the resource estimate, refusals.
#include <doctest/doctest.h>

#include <algorithm>

#include "arch/pynq_ternary/resources.h"
#include "common/error.h"
#include "sim/core/system.h"
#include "tests/support/pynq_ternary_case.h"

namespace {

using namespace rebasis;
using sim::Cause, sim::Cycle;
using sim::pynq_ternary::engines, sim::pynq_ternary::indexer;

/// The board without anything that the closed forms leave out: no host, no memory.
arch::PynqTernarySpec ideal_board() {
  auto spec = test::board_spec();
  spec.host_start = 0;
  spec.dram_model = "unlimited";
  spec.axi_latency = 0;
  return spec;
}

/// A layer of `groups_nonzero` groups whose whole computation is one step.
test::MappedCase single_step(std::int64_t nonzero, const arch::PynqTernarySpec& spec) {
  test::Dice dice(7);
  auto single = spec;
  single.overlap = false;
  return {test::layer_with_groups(32, 16, nonzero, dice), single};
}

Cycle step_cycles(test::MappedCase& layer) {
  const sim::LayerRun run = layer.run_fast();
  Cycle sum = 0;
  for (const sim::StepTimes& step : run.steps) sum += step.done - step.ready;
  return sum;
}

constexpr Cycle passes_of_a_group = 16 * 18;  // 16 rows of 16 outputs, two columns to fill a window of three

TEST_CASE("the reference takes trips + depth for each group, and the first weights' read and load of each step") {
  auto spec = ideal_board();
  spec.skip_groups = false;
  auto layer = single_step(33, spec);
  const auto steps = static_cast<Cycle>(layer.run_fast().steps.size());
  const Cycle load = spec.weight_read_latency + 2;  // 288 bits through 256
  CHECK(step_cycles(layer) == 64 * (passes_of_a_group + spec.pe_depth) + steps * load);
}

TEST_CASE("without a zero group, skipping costs what the indexer needs for the first group of each step") {
  auto spec = ideal_board();
  auto skipping = single_step(64, spec);
  spec.skip_groups = false;
  auto reference = single_step(64, spec);
  const auto steps = static_cast<Cycle>(skipping.run_fast().steps.size());
  REQUIRE(steps == static_cast<Cycle>(reference.run_fast().steps.size()));
  CHECK(step_cycles(skipping) == step_cycles(reference) + steps * (spec.weight_read_latency + 1));  // one bit
}

TEST_CASE("computing takes exactly the share of the non-zero groups") {
  auto spec = ideal_board();
  auto skipping = single_step(33, spec);
  const Cycle busy = skipping.run_fast().counters.blocks[engines][Cause::busy];
  CHECK(busy == 33 * passes_of_a_group);
}

TEST_CASE("every zero group more makes a layer no slower to compute") {
  Cycle before = 0;
  for (std::int64_t nonzero = 0; nonzero <= 64; nonzero += 4) {
    auto layer = single_step(nonzero, ideal_board());
    const Cycle busy = layer.run_fast().counters.blocks[engines][Cause::busy];
    CHECK(busy == nonzero * passes_of_a_group);
    const Cycle cycles = layer.cycles();
    CHECK(cycles >= before);
    before = cycles;
  }
}

TEST_CASE("a layer without weights writes zeros and computes nothing") {
  auto layer = single_step(0, ideal_board());
  const sim::Counters counters = layer.run_fast().counters;
  CHECK(counters.effective_macs == 0);
  CHECK(counters.dram.outputs == 32 * 16 * 16 * 2);
  CHECK(counters.blocks[indexer][Cause::busy] == 64);
}

TEST_CASE("Table 7: the modelled speed-ups lie between 1 and the ideal, as documented") {
  struct Row {
    std::int64_t channels, map, groups, nonzero;
    double modelled;
  };
  for (const Row& row : {Row{16, 32, 16, 9, 1.56}, Row{32, 16, 64, 33, 1.77}, Row{64, 8, 256, 119, 1.98}}) {
    Cycle cycles[2] = {0, 0};
    for (std::uint64_t mask = 1; mask <= 10; ++mask) {
      for (const bool skips : {false, true}) {
        test::Dice dice(mask);
        auto spec = test::board_spec();
        spec.skip_groups = skips;
        test::MappedCase layer(test::layer_with_groups(row.channels, row.map, row.nonzero, dice), spec);
        CHECK(layer.plan().statistics().at("pe_groups") == static_cast<double>(row.groups));
        CHECK(layer.plan().statistics().at("pe_groups_nonzero") == static_cast<double>(row.nonzero));
        cycles[skips ? 1 : 0] += layer.cycles();
      }
    }
    const double speed_up = static_cast<double>(cycles[0]) / static_cast<double>(cycles[1]);
    CHECK(speed_up > 1);
    CHECK(speed_up < static_cast<double>(row.groups) / static_cast<double>(row.nonzero));
    CHECK(speed_up == doctest::Approx(row.modelled).epsilon(0.005));
  }
}

TEST_CASE("one output a filter: a pass of a cycle for each filter, not of the whole pipeline") {
  LayerShape shape;
  shape.M = 100;
  shape.C = 48;
  test::TernaryCase layer;
  layer.layer.info = {};
  layer.layer.info.name = "fc";
  layer.layer.info.op = "fc";
  layer.layer.info.encoding = "ternary";
  layer.layer.info.shape = shape;
  layer.layer.codes.assign(static_cast<std::size_t>(shape.weights()), 1);
  layer.activations.assign(48, 1);
  auto spec = ideal_board();
  spec.skip_groups = false;
  spec.overlap = false;
  test::MappedCase mapped(layer, spec);
  const auto steps = static_cast<Cycle>(mapped.run_fast().steps.size());
  // 96 bits of weights a filter are read, load in a cycle and are taken in the next.
  CHECK(step_cycles(mapped) == (spec.weight_read_latency + 2) * 100 + steps * spec.pe_depth);
}

TEST_CASE("the MAC engine's closed form: a cycle for each product of a block of filters") {
  LayerShape shape;
  shape.M = 16;
  shape.C = 3;
  shape.H = shape.W = 32;
  shape.R = shape.S = 3;
  shape.pad_top = shape.pad_left = shape.pad_bottom = shape.pad_right = 1;
  test::TernaryCase layer;
  layer.layer.info.name = "conv1";
  layer.layer.info.op = "conv";
  layer.layer.info.encoding = "dense-int8";
  layer.layer.info.shape = shape;
  layer.layer.codes.assign(static_cast<std::size_t>(shape.weights()), 1);
  layer.activations.assign(3 * 32 * 32, 1);
  auto spec = ideal_board();
  spec.overlap = false;
  test::MappedCase mapped(layer, spec);
  const sim::LayerRun run = mapped.run_fast();
  CHECK(run.counters.working == 1);
  CHECK(run.counters.effective_macs == static_cast<std::uint64_t>(shape.macs()));
  const auto steps = static_cast<Cycle>(run.steps.size());
  CHECK(step_cycles(mapped) >= 32 * 32 * 27 + steps * spec.engine_depth);
  if (steps == 1) CHECK(step_cycles(mapped) == 32 * 32 * 27 + spec.engine_depth);
}

TEST_CASE("resources by hand: a PE of 2 x 1 x 1 lanes") {
  auto spec = test::board_spec();
  spec.pe_channels = 2;
  spec.pe_rows = spec.pe_columns = 1;
  spec.weight_prefetch = false;
  const auto items = arch::estimate_resources(spec);
  REQUIRE(items.front().block == "PEs");
  const arch::FpgaResources pe = items.front().needs;
  CHECK(pe.luts == 2 * 16 + 17 + 32);                 // lanes, one adder of 17 bits, accumulator
  CHECK(pe.ffs == 2 * 16 + 17 + 2 * 2 * 2 + 2 * 32);  // lanes, sum, two sets of two 2-bit weights, accumulation
  CHECK(pe.dsps == 0);
}

TEST_CASE("resources: block RAMs of the buffers by hand; the presets' design fits") {
  const auto spec = test::board_spec();
  arch::FpgaResources buffers;
  for (const auto& item : arch::estimate_resources(spec)) {
    if (item.block.find("buffer") != std::string::npos) buffers += item.needs;
  }
  CHECK(buffers.bram36 == 24 + 8 + 32);  // 48 halves; 32 KB and 128 KB of 4 KB each
  CHECK_NOTHROW(arch::require_fits(spec));
  auto mac = spec;
  mac.pe_kind = "mac";
  mac.engine_dsps = 0;
  CHECK_NOTHROW(arch::require_fits(mac));
  CHECK(arch::total_resources(mac).dsps == 144 + 8);
}

TEST_CASE("a design that does not fit is refused with what ran out and what would fit") {
  const auto refusal = [](const arch::PynqTernarySpec& spec) {
    try {
      arch::require_fits(spec);
    } catch (const Error& error) {
      CHECK(error.status() == Status::infeasible);
      return std::string(error.what());
    }
    return std::string("fits");
  };
  auto spec = test::board_spec();
  spec.pe_kind = "mac";
  spec.engine_dsps = 0;
  spec.pes = 2;
  CHECK(refusal(spec) ==
        "the design does not fit the FPGA: it needs 296 DSP48E1 of 220; array.pes 1 or pe.channels 11 would fit");
  spec = test::board_spec();
  spec.output_buffer_bytes = 512 * 1024;
  CHECK(refusal(spec).find("BRAM36 of 140; ") != std::string::npos);
  CHECK(refusal(spec).find("output_buffer.size 262144 would fit") != std::string::npos);
  spec = test::board_spec();
  spec.pes = 64;
  CHECK(refusal(spec).find(" LUT of 53200") != std::string::npos);
  CHECK(refusal(spec).find("array.pes ") != std::string::npos);
}

TEST_CASE("malformed configurations are refused with file and line") {
  const auto message = [](const std::string& text) {
    try {
      (void)arch::pynq_ternary_parameters().resolve(arch::RawConfig::parse(text, "mine.yaml"));
    } catch (const Error& error) {
      CHECK(error.status() == Status::bad_input);
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK(message("array:\n  pes: 0\n").rfind("mine.yaml:2: ", 0) == 0);
  CHECK(message("pe:\n  kind: binary\n").rfind("mine.yaml:2: ", 0) == 0);
  CHECK(message("pe:\n  depth: 6\n").rfind("mine.yaml:2: ", 0) == 0);
  CHECK(message("axi:\n  ports: 5\n").rfind("mine.yaml:2: ", 0) == 0);
  CHECK(message("weights:\n  bits: 3\n").find("2, 4, 8 or 16") != std::string::npos);
  CHECK(message("weight_buffer:\n  port: 12 bits\n").find("whole number of bytes") != std::string::npos);
  CHECK(message("pe:\n  channels: 512\n").find("4096 lanes") != std::string::npos);
  CHECK(message("input_buffer:\n  size: 64\n").find("less than one 16-bit word") != std::string::npos);
  CHECK(message("indexer:\n  skip: true\n").rfind("mine.yaml:2: ", 0) == 0);
  CHECK(message("clock:\n  frequency: 100 mV\n").rfind("mine.yaml:2: ", 0) == 0);
}

TEST_CASE("a layer that no tile of fits is refused with the buffer and its need") {
  test::Dice dice(1);
  auto spec = test::board_spec();
  spec.weight_buffer_bytes = 64;
  try {
    test::MappedCase layer(test::layer_with_groups(64, 8, 256, dice), spec);
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.status() == Status::infeasible);
    CHECK(std::string(error.what()).find("weight buffer") != std::string::npos);
  }
}

TEST_CASE("layers of other encodings, and full precision without an engine, are not supported") {
  auto spec = test::board_spec();
  trace::LayerInfo info;
  info.encoding = "smartdeal";
  CHECK(sim::pynq_ternary::why_unsupported(info, spec).has_value());
  info.encoding = "dense-int8";
  CHECK_FALSE(sim::pynq_ternary::why_unsupported(info, spec).has_value());
  spec.engine_dsps = 0;
  CHECK(sim::pynq_ternary::why_unsupported(info, spec)->find("mac_engine.dsps") != std::string::npos);
  spec.pe_kind = "mac";
  CHECK_FALSE(sim::pynq_ternary::why_unsupported(info, spec).has_value());
}

}  // namespace
