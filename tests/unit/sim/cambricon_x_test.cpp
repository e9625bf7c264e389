// Cambricon-X: schedules worked out by hand, closed forms, and what it refuses.
#include <doctest/doctest.h>

#include "arch/accelerator_file.h"
#include "sim/cambricon_x/plan.h"
#include "sim/cambricon_x/step_cost.h"
#include "tests/support/cambricon_x_case.h"
#include "tests/support/errors.h"

using namespace rebasis;
using namespace rebasis::sim;
using namespace rebasis::sim::cambricon_x;
using rebasis::test::CambriconXCase, rebasis::test::Dice;

namespace {

LayerShape fully_connected(std::int64_t filters, std::int64_t channels) {
  LayerShape shape;
  shape.M = filters;
  shape.C = channels;
  return shape;
}

LayerShape convolution(std::int64_t filters, std::int64_t channels, std::int64_t size, std::int64_t kernel) {
  LayerShape shape = fully_connected(filters, channels);
  shape.H = shape.W = size;
  shape.R = shape.S = kernel;
  shape.pad_top = shape.pad_left = shape.pad_bottom = shape.pad_right = kernel / 2;
  return shape;
}

/// A layer with these weights, [M][C][R][S].
CambriconXCase layer_with(const LayerShape& shape, std::vector<std::int8_t> weights, const arch::CambriconXSpec& spec) {
  Dice dice(1);
  test::RandomDenseLayer layer = test::dense_layer_of(shape, dice, {});
  layer.layer.weights = std::move(weights);
  return {std::move(layer), spec};
}

/// Cycles from the first of the only step until its inputs are consumed.
Cycle issue_of(const CambriconXCase& c) {
  const LayerRun run = c.run();
  REQUIRE(run.steps.size() == 1);
  return run.steps[0].done - run.steps[0].ready;
}

std::int64_t causes(const CambriconXCase& c, Cause cause) { return c.run().counters.blocks[pes][cause]; }

/// Cycles of a lane for one output when all synapses are there: line after line of the window.
Cycle dense_window(const LayerShape& shape, const arch::CambriconXSpec& spec) {
  const std::int64_t tap = shape.channels_per_group();
  const std::int64_t segment = spec.gather == "tap"   ? tap
                               : spec.gather == "row" ? tap * shape.S
                                                      : tap * shape.S * shape.R;
  const std::int64_t segments = tap * shape.R * shape.S / segment;
  Cycle cycles = 0;
  for (std::int64_t first = 0; first < segment; first += spec.scan)
    cycles += (std::min(spec.scan, segment - first) + spec.multipliers - 1) / spec.multipliers;
  return segments * cycles;
}

}  // namespace

TEST_CASE("density 1: one cycle to fill, then outputs x passes x the dense window") {
  const std::vector<LayerShape> shapes{fully_connected(7, 100), convolution(8, 12, 5, 3), convolution(4, 3, 6, 5),
                                       convolution(13, 20, 4, 1)};
  for (const LayerShape& shape : shapes) {
    for (const char* gather : {"window", "row", "tap"}) {
      for (const std::int64_t lines : {2, 4}) {
        arch::CambriconXSpec spec = test::roomy_cambricon_x(4, 8, 32);
        spec.gather = gather;
        spec.lines = lines;
        Dice dice(3);
        const CambriconXCase c(test::dense_layer_of(shape, dice, {1, 0.5}), spec);
        const Cycle passes = (shape.M + spec.pes - 1) / spec.pes;
        CHECK(issue_of(c) == 1 + shape.E() * shape.F() * passes * dense_window(shape, spec));
        CHECK(causes(c, Cause::index) == 0);
        // The dense machine: each multiplier busy in each cycle, up to the last group of a line and the PEs of the last
        // pass.
        if (shape.M % spec.pes == 0 && shape.C * shape.R * shape.S % spec.multipliers == 0 && spec.gather == "window") {
          CHECK(issue_of(c) == 1 + shape.macs() / (spec.pes * spec.multipliers));
        }
      }
    }
  }
}

TEST_CASE("a lane's cycles by hand: groups, empty lines, the end of a filter") {
  // Lines of 4 candidates, 2 multipliers, one PE. Synapses at 0, 1, 2 | none | 9 | nothing needed of the last line.
  const arch::CambriconXSpec spec = test::roomy_cambricon_x(1, 2, 4);
  const CambriconXCase c = layer_with(fully_connected(1, 16), {1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}, spec);
  // Cycle 0: line 0 is read. 1, 2: its synapses. 3: line 1 is scanned in vain. 4: position 9, the last.
  CHECK(issue_of(c) == 5);
  CHECK(causes(c, Cause::busy) == 3);
  CHECK(causes(c, Cause::index) == 1);
  CHECK(causes(c, Cause::inputs) == 1);
  CHECK(c.run().counters.blocks[nbin_port][Cause::busy] == 3);
  CHECK(c.run().counters.actions[mac] == 4);
}

TEST_CASE("a filter without synapses takes a cycle, for its output") {
  const CambriconXCase c =
      layer_with(fully_connected(2, 8), std::vector<std::int8_t>(16), test::roomy_cambricon_x(1, 2, 4));
  CHECK(issue_of(c) == 3);
  CHECK(causes(c, Cause::index) == 2);
  CHECK(c.run().counters.effective_macs == 0);
}

TEST_CASE("lanes run apart by the line registers, by hand") {
  // Two lanes, lines of 2 candidates, 1 multiplier. Lane 0 spends 2, 2, 2 cycles on its lines, lane 1 one on each.
  const LayerShape shape = fully_connected(2, 6);
  const std::vector<std::int8_t> weights{1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0};
  arch::CambriconXSpec spec = test::roomy_cambricon_x(2, 1, 2);
  spec.lines = 2;
  // Reads: line 0 in cycle 0, 1 in 1; line 2 takes line 0's register, which lane 0 leaves at 3. Lane 0: 1-2, 3-4, 5-6.
  // Lane 1: 1, 2, then waits for line 2 in cycle 3 (it is being read: inputs), works in 4, and is done.
  CambriconXCase two = layer_with(shape, weights, spec);
  CHECK(issue_of(two) == 7);
  CHECK(causes(two, Cause::busy) == 9);
  CHECK(causes(two, Cause::inputs) == 2 + 1);
  CHECK(causes(two, Cause::imbalance) == 2);
  // Three registers: no wait for line 2.
  spec.lines = 3;
  CambriconXCase three = layer_with(shape, weights, spec);
  CHECK(issue_of(three) == 7);
  CHECK(causes(three, Cause::inputs) == 2);
  CHECK(causes(three, Cause::imbalance) == 3);
}

TEST_CASE("a line is at its register a cycle after its address; four registers keep one line a cycle, two do not") {
  // One lane, 1 multiplier, a synapse in each of six lines of 2 candidates: line n addressed in n, used in n + 2.
  const LayerShape shape = fully_connected(1, 12);
  const std::vector<std::int8_t> weights{1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0};
  arch::CambriconXSpec spec = test::roomy_cambricon_x(1, 1, 2);
  spec.lines = 4;
  spec.nbin_latency = 1;
  const CambriconXCase four = layer_with(shape, weights, spec);
  CHECK(issue_of(four) == 2 + 6);
  CHECK(causes(four, Cause::inputs) == 2);
  // Two: line n + 2 is addressed when line n has been used, in 3, 4, 6, 7: lines 2 to 5 are used in 5, 6, 8, 9.
  spec.lines = 2;
  const CambriconXCase two = layer_with(shape, weights, spec);
  CHECK(issue_of(two) == 10);
  CHECK(causes(two, Cause::inputs) == 4);
}

TEST_CASE("more registers help lanes that are slow in turns") {
  // Lane 0 spends 4, 4, 1, 1 cycles on its lines, lane 1 1, 1, 4, 4.
  const LayerShape shape = fully_connected(2, 16);
  std::vector<std::int8_t> weights(32);
  for (const int i : {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 25, 26, 27, 28, 29, 30, 31})
    weights[static_cast<std::size_t>(i)] = 1;
  arch::CambriconXSpec spec = test::roomy_cambricon_x(2, 1, 4);
  spec.lines = 2;
  // Two: line 2 is read when lane 0 leaves line 0 (cycle 5), line 3 when it leaves line 1 (9); lane 1 ends with 10-13.
  CHECK(issue_of(layer_with(shape, weights, spec)) == 14);
  // Eight: lane 0 works without a break, 1-4, 5-8, 9, 10; lane 1 in 1, 2, 3-6, 7-10.
  spec.lines = 8;
  CHECK(issue_of(layer_with(shape, weights, spec)) == 11);
}

TEST_CASE("groups that share lines: depthwise filters of one pass") {
  // Four channels with 3x3 kernels: 36 candidates in a pass, lines of 16: 3 lines; lane 1 needs 9..17, in lines 0
  // and 1.
  LayerShape shape = convolution(4, 4, 3, 3);
  shape.groups = 4;
  arch::CambriconXSpec spec = test::roomy_cambricon_x(4, 16, 16);
  Dice dice(5);
  const CambriconXCase c(test::dense_layer_of(shape, dice, {}), spec);
  // A cycle for each of the 3 lines of each of the 9 outputs, and one to fill: one line a cycle is the bound.
  CHECK(issue_of(c) == 1 + 9 * 3);
  // Lanes 0 to 3 need 1, 2, 2, 1 lines.
  CHECK(causes(c, Cause::busy) == 9 * 6);
}

TEST_CASE("fewer synapses may cost a cycle: a placeholder moves into the next line") {
  // Lines of 5, three multipliers, steps of at most 2. Synapses at 3, 4, 6, 7, 8.
  arch::CambriconXSpec spec = test::roomy_cambricon_x(1, 3, 5);
  spec.step_bits = 1;
  const auto cycles = [&](std::vector<std::int8_t> weights) {
    return test::whole_step(layer_with(fully_connected(1, 10), std::move(weights), spec).layer, spec).issue;
  };
  // A placeholder at 1: {1, 3, 4} {6, 7, 8}, a cycle each.
  CHECK(cycles({0, 0, 0, 1, 1, 0, 1, 1, 1, 0}) == 1 + 2);
  // Without 4 the step from 3 to 6 is too long, a placeholder at 5: {1, 3} {5, 6, 7, 8}.
  CHECK(cycles({0, 0, 0, 1, 0, 0, 1, 1, 1, 0}) == 1 + 3);
  // With wider steps it does not happen.
  spec.step_bits = 4;
  CHECK(cycles({0, 0, 0, 1, 0, 0, 1, 1, 1, 0}) == 1 + 2);
}

TEST_CASE("sorted assignment: filters of like size together, snaking back") {
  // Filters with 1, 8, 2, 7 synapses on 2 PEs: passes {8, 7} and, backwards, {2, 1}: PE 0 has 8 + 1, PE 1 7 + 2.
  arch::CambriconXSpec spec = test::roomy_cambricon_x(2, 1, 8);
  spec.assignment = "sorted";
  std::vector<std::int8_t> weights(32);
  const std::vector<int> sizes{1, 8, 2, 7};
  for (std::size_t m = 0; m < sizes.size(); ++m)
    std::fill_n(weights.begin() + static_cast<std::ptrdiff_t>(8 * m), sizes[m], std::int8_t{1});
  const CambriconXCase c = layer_with(fully_connected(4, 8), weights, spec);
  const SparseLayer layer(c.layer.layer, c.spec);
  ConvTile tile;
  tile.groups = {0, 1};
  tile.filters = {0, 4};
  tile.channels = {0, 8};
  const std::vector<Pass> passes = assign(layer, tile);
  REQUIRE(passes.size() == 2);
  CHECK(passes[0].filter == std::vector<std::int64_t>{1, 3});
  CHECK(passes[1].filter == std::vector<std::int64_t>{0, 2});
  CHECK(issue_of(c) == 1 + 9);
  spec.assignment = "in_order";
  CHECK(issue_of(layer_with(fully_connected(4, 8), weights, spec)) == 1 + 15);  // PE 1: 8 + 7
}

TEST_CASE("padding is scanned and multiplied, but not read from NBin") {
  // 3x3 on a 1x1 map: eight of nine candidates are padding.
  const CambriconXCase c =
      layer_with(convolution(1, 1, 1, 3), std::vector<std::int8_t>(9, 1), test::roomy_cambricon_x(1, 4, 16));
  const Counters counters = c.run().counters;
  CHECK(counters.effective_macs == 9);
  CHECK(counters.actions[nbin_read] == 1);
  CHECK(counters.actions[mac] == 9);
}

TEST_CASE("sixteen bits: twice the bytes, four 8-bit multiply-adds a product") {
  Dice dice(9);
  const test::RandomDenseLayer layer = test::dense_layer_of(convolution(4, 4, 4, 3), dice, {0.5, 1});
  arch::CambriconXSpec spec = test::roomy_cambricon_x(4, 4, 16);
  const Counters narrow = CambriconXCase(layer, spec).run().counters;
  spec.precision_bits = 16;
  const Counters wide = CambriconXCase(layer, spec).run().counters;
  CHECK(wide.actions[mac] == 4 * narrow.actions[mac]);
  CHECK(wide.actions[nbin_read] == 2 * narrow.actions[nbin_read]);
  CHECK(wide.dram.outputs == 2 * narrow.dram.outputs);
  CHECK(wide.dram.index == narrow.dram.index);
  CHECK(wide.effective_macs == narrow.effective_macs);
}

TEST_CASE("layers that do not fit name the buffer and what it would need") {
  Dice dice(2);
  const test::RandomDenseLayer layer = test::dense_layer_of(convolution(8, 64, 8, 3), dice, {});
  const auto reason = [&](std::int64_t arch::CambriconXSpec::*buffer, std::int64_t bytes) {
    arch::CambriconXSpec spec = test::roomy_cambricon_x(4, 8, 32);
    spec.*buffer = bytes;
    return CambriconXCase(layer, spec).reason;
  };
  // 8 channels are the least: 72 synapses, with double buffering 144 bytes, and the bias.
  const std::string bias = layer.layer.has_bias ? "152" : "144";
  CHECK(reason(&arch::CambriconXSpec::sb_bytes, 64) ==
        "layer random does not fit: the synapse buffer of a PE would need " + bias +
            " bytes of 64; use a larger buffer");
  // Steps of 16 bits: 144 bytes and a count of 7 bits, 4 filters, twice.
  CHECK(reason(&arch::CambriconXSpec::index_bytes, 64) ==
        "layer random does not fit: the index buffer would need 1160 bytes of 64; use a larger buffer");
  CHECK(reason(&arch::CambriconXSpec::nbin_bytes, 64).find("the input buffer would need") != std::string::npos);
  CHECK(reason(&arch::CambriconXSpec::nbout_bytes, 16).find("the output buffer would need") != std::string::npos);
}

TEST_CASE("malformed configurations are refused, and say why") {
  const auto message = [](const std::string& yaml) {
    return test::bad_input(
        [&] { (void)arch::cambricon_x_parameters().resolve(arch::RawConfig::parse(yaml, "mine.yaml")); });
  };
  CHECK(message("pe.precision: 12") ==
        "mine.yaml:1: pe.precision must be 8 or 16 bits; Table IX has 8, the published design 16");
  CHECK(
      message("\nindexing.scan: 32") ==
      "mine.yaml:2: indexing.scan is less than pe.multipliers, so that dense synapses would starve; at least as many");
  CHECK(message("nbin.banks: 7") == "mine.yaml:1: nbin.banks must divide nbin.size");
  CHECK(message("nbout.size: 100") == "mine.yaml:1: nbout.size must be a multiple of pe.count: a bank a PE");
  CHECK(message("sb.banks: 7") == "mine.yaml:1: sb.banks must divide sb.size");
  CHECK(message("index_buffer.banks: 8") ==
        "mine.yaml:1: index_buffer.banks must be a multiple of pe.count: the same number for each lane");
  CHECK(message("index_buffer.size: 100") == "mine.yaml:1: index_buffer.banks must divide index_buffer.size");
  CHECK(message("indexing.lines: 1") ==
        "mine.yaml:1: indexing.lines: '1' is out of range; write a whole number of lines, 2 to 65536");
  CHECK(message("indexing.gather: all").find("window") != std::string::npos);
  CHECK(message("pe.multiplier: 3") == "mine.yaml:1: unknown key 'pe.multiplier'; did you mean 'pe.multipliers'?");
}

TEST_CASE("the presets: Table IX's resources, and the published design") {
  const auto preset = [](const char* name) {
    return arch::cambricon_x_parameters().resolve(arch::load_accelerator_file(name).config);
  };
  const arch::CambriconXSpec fair = preset("cambricon-x");
  CHECK(fair.pes * fair.multipliers == 1024);
  CHECK(fair.precision_bits == 8);
  CHECK(fair.nbin_bytes + fair.nbout_bytes + fair.pes * fair.sb_bytes + fair.index_bytes == 772 * 1024);
  const arch::CambriconXSpec original = preset("cambricon-x-original");
  CHECK(original.pes == 16);
  CHECK(original.multipliers == 16);
  CHECK(original.precision_bits == 16);
  CHECK(fair.frequency_hz == 1e9);
  const auto& set = arch::cambricon_x_parameters();
  CHECK(set.print(set.resolve(arch::RawConfig::parse(arch::to_yaml(set.print(original)), "printed"))) ==
        set.print(original));
}
