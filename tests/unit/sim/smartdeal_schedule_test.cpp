// SmartDeal, smoke and timing gates: schedules worked out by hand from the rules in docs/accelerators/smartdeal.md, for
// both fidelities. Line by line, every rule that decides when something happens appears in a comment.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/sim/smartdeal_case.h"

using namespace rebasis;
using namespace rebasis::sim::smartdeal;
using rebasis::sim::Account, rebasis::sim::Activations, rebasis::sim::Cause, rebasis::sim::Cycle;
using rebasis::test::BothRuns;
using rebasis::test::SmartDealCase;
using rebasis::test::text_of;

namespace {

struct Expected {
  std::vector<TileTimes> tiles;
  Cycle cycles = 0;
  std::string line;  ///< causes of all PE lines
};

void check(const LayerRun& run, const Expected& expected) {
  REQUIRE(run.tiles.size() == expected.tiles.size());
  for (std::size_t i = 0; i < run.tiles.size(); ++i) {
    CAPTURE(i);
    CHECK(run.tiles[i].block == expected.tiles[i].block);
    CHECK(run.tiles[i].tile == expected.tiles[i].tile);
    CHECK(run.tiles[i].ready == expected.tiles[i].ready);
    CHECK(run.tiles[i].done == expected.tiles[i].done);
    CHECK(run.tiles[i].drained == expected.tiles[i].drained);
  }
  CHECK(run.counters.cycles == expected.cycles);
  CHECK(text_of(run.counters.lines) == expected.line);
}

void check_both(SmartDealCase& layer, const arch::SmartDealSpec& spec, const Expected& expected) {
  const BothRuns runs = test::run_both(layer, spec);
  SUBCASE("fast") { check(runs.fast, expected); }
  SUBCASE("clocked") { check(runs.clocked.run, expected); }
}

}  // namespace

TEST_CASE("one slice, one line, one MAC, one multiplication") {
  SmartDealCase layer = test::dense_case(LayerShape{}, 5, 1);
  // DMA: one request a cycle, the weight at 0 and the activation at 1; each is there a cycle later: load done at 2.
  // The controller starts the block, seen by the lane a cycle later: ready at 3.
  // The selector finds the pair in the window of cycle 3: selected at 4. The port is free and so is the FIFO: granted
  // at 4. One byte of two a cycle: arrived at 5. The line hears of the row at 5 and takes one cycle of the weight port
  // for one byte: weights at 6. The MAC takes one cycle for the one Booth digit of 1: done at 7.
  // The slice hands the partial sum over at 7. Handoff 1, no tree for one line, requantisation 1: at the port at 9. One
  // byte takes a cycle: drained at 10. The write goes out at 10 and takes a cycle: 11 cycles.
  check_both(layer, test::small_spec(1, 1, 1),
             {{{0, 0, 3, 7, 10}}, 11, "busy 1, weights 1, inputs 1, index 1, output 2, dram 4, fill_drain 1"});
}

TEST_CASE("the result of that multiplication") {
  SmartDealCase layer = test::dense_case(LayerShape{}, 5, 7);
  CHECK(test::run_both(layer, test::small_spec(1, 1, 1)).clocked.outputs == std::vector<std::int64_t>{35});
}

TEST_CASE("the next tile waits for the handoff, its weight row and its segment") {
  LayerShape shape;
  shape.W = 2;
  SmartDealCase layer = test::dense_case(shape, 5, 1);
  layer.activations[1] = 3;  // digits -1 and 1: two cycles
  // The first tile as above (the two activations are one request), drained at 10.
  // The selector was granted at 4 and passes the end of the tile in a cycle: 5. It finds the second pair in the window
  // of 5: selected and granted at 6, arrived at 7. The row is fetched again for the new tile: heard of at 7, port free
  // since 6: weights at 8. Gate: handoff at 7 and a cycle: 8. The line works in 8 and 9: done at 10, out of the
  // requantisation at 12, drained at 13. Both outputs fill less than a bank: written together at 13: 14 cycles.
  check_both(layer, test::small_spec(1, 1, 1),
             {{{0, 0, 3, 7, 10}, {0, 1, 3, 10, 13}},
              14,
              "busy 3, weights 1, inputs 1, index 1, output 2, dram 4, fill_drain 2"});
}

TEST_CASE("one row latch: the row in use keeps the next one from being fetched") {
  LayerShape shape;
  shape.C = 2;
  SmartDealCase layer = test::dense_case(shape, 5, 3);
  layer.activations[1] = 1;
  arch::SmartDealSpec spec = test::small_spec(1, 1, 1);
  // Channel 0: selected and granted at 4, arrived at 5, weights at 6, two digits: 6 and 7, done at 8.
  // Channel 1: selected and granted at 5 (the window moves on when the port has taken the pair), arrived at 6.
  SUBCASE("two latches") {
    spec.row_latches = 2;
    // Heard of at 6, port free at 6: weights at 7. The line follows on at 8: done at 9, port at 11, drained at 12.
    check_both(layer, spec,
               {{{0, 0, 3, 9, 12}}, 13, "busy 3, weights 1, inputs 1, index 1, output 2, dram 4, fill_drain 1"});
  }
  SUBCASE("one latch") {
    spec.row_latches = 1;
    // The fetch waits for the end of channel 0 at 8: weights at 9. Done at 10, drained at 13.
    check_both(layer, spec,
               {{{0, 0, 3, 10, 13}}, 14, "busy 3, weights 2, inputs 1, index 1, output 2, dram 4, fill_drain 1"});
  }
}

TEST_CASE("the weight buffer answers later, requantisation has more stages") {
  SmartDealCase layer = test::dense_case(LayerShape{}, 5, 1);
  arch::SmartDealSpec spec = test::small_spec(1, 1, 1);
  SUBCASE("latency 1") {
    spec.weight_buffer_latency = 1;
    // As above, but the byte that is addressed at 5 is at the line in 6: weights at 7. Done at 8, drained at 11.
    check_both(layer, spec,
               {{{0, 0, 3, 8, 11}}, 12, "busy 1, weights 2, inputs 1, index 1, output 2, dram 4, fill_drain 1"});
  }
  SUBCASE("three stages") {
    spec.requantise_stages = 3;
    // Done at 7, handoff 1, three stages: at the port at 11, drained at 12.
    check_both(layer, spec,
               {{{0, 0, 3, 7, 12}}, 13, "busy 1, weights 1, inputs 1, index 1, output 4, dram 4, fill_drain 1"});
  }
}

TEST_CASE("two rows are read one after the other, whatever the weight buffer's latency") {
  LayerShape shape;
  shape.C = 2;
  SmartDealCase layer = test::dense_case(shape, 5, 1);
  arch::SmartDealSpec spec = test::small_spec(1, 1, 1);
  spec.weight_buffer_latency = 5;
  // Channel 0: heard of at 5, addressed in 5, at the line in 10: weights at 11, done at 12. Channel 1: addressed in 6:
  // weights at 12. Done at 13, drained at 16.
  check_both(layer, spec,
             {{{0, 0, 3, 13, 16}}, 17, "busy 2, weights 6, inputs 1, index 1, output 2, dram 4, fill_drain 1"});
}

TEST_CASE("a register between the start of a row and the fetch into the latch that it frees") {
  LayerShape shape;
  shape.C = 3;
  SmartDealCase layer = test::dense_case(shape, 5, 1);
  arch::SmartDealSpec spec = test::small_spec(1, 1, 1);
  spec.fifo_rows = 3;
  // Channels 0, 1, 2: granted at 4, 5, 6, heard of at 5, 6, 7. Rows 0 and 1 are in the latches at 6 and 7, channel 0
  // works in 6, channel 1 in 7 and with its start frees row 0's latch.
  SUBCASE("none") {
    spec.release_latency = 0;
    // Row 2 is fetched in 7: weights at 8, done at 9.
    check_both(layer, spec,
               {{{0, 0, 3, 9, 12}}, 13, "busy 3, weights 1, inputs 1, index 1, output 2, dram 4, fill_drain 1"});
  }
  SUBCASE("one") {
    spec.release_latency = 1;
    // Row 2 is fetched in 8: weights at 9, done at 10.
    check_both(layer, spec,
               {{{0, 0, 3, 10, 13}}, 14, "busy 3, weights 2, inputs 1, index 1, output 2, dram 4, fill_drain 1"});
  }
}

TEST_CASE("the taps of a dilated kernel wait for the shift path") {
  LayerShape shape;
  shape.S = 2;
  shape.dilation_w = 3;
  shape.W = 4;
  SmartDealCase layer = test::dense_case(shape, 5, 1);
  arch::SmartDealSpec spec = test::small_spec(1, 1, 1);
  // Ready at 3, granted at 4; four activations, two a cycle: arrived at 6. Two weights, one cycle of the port: at 6.
  SUBCASE("one place a cycle") {
    // Tap 0 takes its digit in 6, the segment moves in 6, 7 and 8; tap 1 in 9: done at 10.
    check_both(layer, spec, {{{0, 0, 3, 10, 13}}, 14, "busy 4, inputs 2, index 1, output 2, dram 4, fill_drain 1"});
  }
  SUBCASE("two places") {
    spec.shift_places = 2;
    check_both(layer, spec, {{{0, 0, 3, 9, 12}}, 13, "busy 3, inputs 2, index 1, output 2, dram 4, fill_drain 1"});
  }
  SUBCASE("a multiplexer: any place") {
    spec.shift_places = 64;
    check_both(layer, spec, {{{0, 0, 3, 8, 11}}, 12, "busy 2, inputs 2, index 1, output 2, dram 4, fill_drain 1"});
  }
  SUBCASE("a slower MAC hides it") {
    layer.activations[0] = 85;  // four digits: 6 to 9
    check_both(layer, spec, {{{0, 0, 3, 11, 14}}, 15, "busy 5, inputs 2, index 1, output 2, dram 4, fill_drain 1"});
  }
  SUBCASE("MACs with a lead choose among the entries") {
    spec.mac_sync = "row";
    check_both(layer, spec, {{{0, 0, 3, 8, 11}}, 12, "busy 2, inputs 2, index 1, output 2, dram 4, fill_drain 1"});
  }
}

TEST_CASE("a full FIFO holds the multicast back") {
  LayerShape shape;
  shape.C = 3;
  SmartDealCase layer = test::dense_case(shape, 5, 3);  // two cycles each
  arch::SmartDealSpec spec = test::small_spec(1, 1, 1);
  spec.row_latches = 3;
  // Channels 0, 1: granted at 4 and 5; in work from 6 and 8. Channel 2: selected at 6.
  SUBCASE("three rows: at once") {
    spec.fifo_rows = 3;
    // Granted at 6, done at 12.
    const BothRuns runs = test::run_both(layer, spec);
    CHECK(text_of(runs.fast.counters.selectors) == "busy 4, dram 3, idle 9");
    CHECK(runs.fast.counters.cycles == 16);
    CHECK(first_difference(runs.fast.counters, runs.clocked.run.counters) == "");
  }
  SUBCASE("two rows: when channel 0 is done at 8") {
    spec.fifo_rows = 2;
    const BothRuns runs = test::run_both(layer, spec);
    CHECK(text_of(runs.fast.counters.selectors) == "busy 4, dram 3, imbalance 2, idle 7");
    CHECK(runs.fast.counters.cycles == 16);  // the line has channel 1 meanwhile
    CHECK(first_difference(runs.fast.counters, runs.clocked.run.counters) == "");
  }
  SUBCASE("one row: channel 1 waits as well") {
    spec.fifo_rows = 1;
    // Channel 1: selected at 5, granted at 8, arrived and (heard of at 9, port idle) weights at 9 and 10: 10 and 11.
    // Channel 2: selected at 9, granted at 12, works in 14 and 15: done at 16, drained at 19, 20 cycles.
    const BothRuns runs = test::run_both(layer, spec);
    CHECK(text_of(runs.fast.counters.selectors) == "busy 4, dram 3, imbalance 6, idle 7");
    CHECK(runs.fast.counters.cycles == 20);
    CHECK(first_difference(runs.fast.counters, runs.clocked.run.counters) == "");
  }
}

TEST_CASE("a 3x3 filter in SmartDeal form: basis, rebuild, a zero row") {
  LayerShape shape;
  shape.H = 3;
  shape.W = 4;
  shape.R = shape.S = 3;
  SmartDealCase layer = test::smartdeal_case(shape, {2, 0, 1}, {3}, 0);
  layer.activations = {1, 3, 21, 85, 9, 9, 9, 9, 0, 0, 64, 0};  // digits 1 2 3 4, (not read), 0 0 1 0
  // Loads: index, basis, codes and activations: requests at 0 to 3, done at 4, ready at 5.
  // Row 0: selected at 6, the port is free, but the line has no basis: it hears so at 7 and fetches 9 bytes, two a
  // cycle: loaded at 12. Granted at 12; four activations, three a cycle: arrived at 14. The row's 12 bits are 2 bytes:
  // fetched in 13, its two coefficients applied in 14 and 15: weights at 16.
  // Lock-step over the taps: max(1, 2), max(2, 3), max(3, 4) = 9 cycles: 16 to 24, done at 25.
  // Row 1 is zero and skipped in the same window as row 2: selected at 13, port free and granted at 14, arrived at 16,
  // weights at 17. Digits (0, 0), (0, 1), (1, 0): 3 cycles: done at 28. Selector past the tile at 15.
  // Handed over at 28, at the port at 30, two bytes in a cycle: drained at 31, written at 32.
  check_both(layer, test::small_spec(1, 1, 2),
             {{{0, 0, 5, 28, 31}}, 32, "busy 12, weights 8, inputs 2, index 1, output 2, dram 6, fill_drain 1"});
}

TEST_CASE("two latches hold two rows before the first is in use") {
  LayerShape shape;
  shape.H = 2;
  shape.W = 3;
  shape.R = 2;
  shape.S = 3;
  SmartDealCase layer = test::smartdeal_case(shape, {3, 3}, {2}, 1);
  // As above: ready at 5, row 0 selected at 6, granted with the basis at 12. Three bytes, two a cycle: arrived at 14.
  // Fetched in 13, rebuilt in 14 to 16: weights at 17. In work for three taps of a cycle: done at 20.
  // Row 1: selected at 13, port free at 14, arrived at 16. The second latch is free although row 0 has not started:
  // fetched in 15; the engine is free at 17: weights at 20. It follows on at 20: done at 23, at the port at 25, drained
  // at 26, written at 27.
  check_both(layer, test::small_spec(1, 1, 1),
             {{{0, 0, 5, 23, 26}}, 27, "busy 6, weights 9, inputs 2, index 1, output 2, dram 6, fill_drain 1"});
}

TEST_CASE("actions of that filter") {
  LayerShape shape;
  shape.H = 3;
  shape.W = 4;
  shape.R = shape.S = 3;
  SmartDealCase layer = test::smartdeal_case(shape, {2, 0, 1}, {3}, 0);
  layer.activations = {1, 3, 21, 85, 9, 9, 9, 9, 0, 0, 64, 0};
  const Counters counters = test::run_both(layer, test::small_spec(1, 1, 2)).clocked.run.counters;
  CHECK(counters[Action::pair_examined] == 3);
  CHECK(counters[Action::index_gb_read] == 1);      // a word of four pairs, a bit each
  CHECK(counters[Action::input_gb_read] == 2 * 4);  // rows 0 and 2
  CHECK(counters[Action::input_gb_write] == 12);
  CHECK(counters[Action::line_fifo_write] == 8);
  CHECK(counters[Action::booth_encode] == 8);
  CHECK(counters[Action::line_fifo_read] == 2 * 3 * 2);  // rows, taps, MACs
  CHECK(counters[Action::digit_step] == (1 + 2 + 2 + 3 + 3 + 4) + (0 + 0 + 0 + 1 + 1 + 0));
  CHECK(counters[Action::zero_step] == 12 * 2 - 17);  // two MACs, twelve cycles
  CHECK(counters.effective_macs == 12);
  CHECK(counters[Action::basis_write] == 9);
  CHECK(counters[Action::weight_buffer_read] == 9 + 2 * 2 + 1);  // basis, rows, three codes of 1 and 2 bits
  CHECK(counters[Action::shift_add] == 3 * 3);                   // three coefficients, three columns
  CHECK(counters[Action::basis_read] == 9);
  CHECK(counters[Action::huffman_symbol] == 3);
  CHECK(counters[Action::requantise] == 2);
  CHECK(counters[Action::tree_add] == 0);  // one line
  CHECK(counters[Action::output_gb_write] == 2);
  CHECK(counters[Action::dram_write] == 2);
  CHECK(counters[Action::weight_latch] == 0);
  CHECK(counters[Action::controller_cycle] == 32);
  CHECK(counters.dram.index == 2);  // 3 row bits, 2 x 3 element bits
  CHECK(counters.dram.basis == 9);
  CHECK(counters.dram.inputs == 12);
  CHECK(counters.dram.weights == 8 + 1);  // code table, three short codes
}

TEST_CASE("two lines: the adder tree adds a stage, slices wait for their slowest line") {
  LayerShape shape;
  shape.C = 2;
  SmartDealCase layer = test::dense_case(shape, 5, 1);
  layer.activations[1] = 85;  // four digits
  // Both lanes at once: arrived at 5, weights at 6. Line 0 done at 7, line 1 at 10. One stage of the tree: at the port
  // at 10 + 1 + 1 + 1 = 13, drained at 14, 15 cycles. Line 0 waits 3 for line 1.
  check_both(
      layer, test::small_spec(1, 2, 1),
      {{{0, 0, 3, 10, 14}}, 15, "busy 5, weights 2, inputs 2, index 2, output 6, dram 8, imbalance 3, fill_drain 2"});
}

TEST_CASE("slices leave through one port, in order") {
  LayerShape shape;
  shape.M = 3;
  SmartDealCase layer = test::dense_case(shape, 5, 1);
  // All slices are done at 7 and at the port at 9; a cycle each: drained at 12, 13 cycles. Three lines.
  check_both(layer, test::small_spec(3, 1, 1),
             {{{0, 0, 3, 7, 12}}, 13, "busy 3, weights 3, inputs 3, index 3, output 12, dram 12, fill_drain 3"});
}

TEST_CASE("array.sync: array costs a signal to the controller") {
  SmartDealCase layer = test::dense_case(LayerShape{}, 5, 1);
  arch::SmartDealSpec spec = test::small_spec(1, 1, 1);
  spec.slice_sync = "array";
  // All slices done at 7, seen at 8: handed over at 8, drained at 11, 12 cycles. The wait counts as imbalance.
  check_both(
      layer, spec,
      {{{0, 0, 3, 7, 11}}, 12, "busy 1, weights 1, inputs 1, index 1, output 2, dram 4, imbalance 1, fill_drain 1"});
}

TEST_CASE("latencies of the input path: one segment, one block, two filters") {
  SmartDealCase layer = test::smartdeal_case({.M = 2, .W = 2, .S = 2}, {2, 2}, {1}, 1);
  arch::SmartDealSpec spec = test::small_spec(2, 1, 1);
  spec.huffman_decoders = 1;
  const auto cycles = [&] {
    const BothRuns runs = test::run_both(layer, spec);
    CHECK(first_difference(runs.fast.counters, runs.clocked.run.counters) == "");
    return runs.fast.counters.cycles;
  };
  const auto grows = [&](std::int64_t& parameter, Cycle by) {
    parameter = 50;  // longer than what runs beside it
    const Cycle before = cycles();
    parameter = 60;
    CHECK(cycles() - before == by);
    parameter = 0;
  };
  grows(spec.input_gb_latency, 10);
  grows(spec.index_latency, 10);
  grows(spec.huffman_start, 20);  // filter after filter
  grows(spec.huffman_table_load, 10);
}

TEST_CASE("the index is examined word by word") {
  // Pairs 0 to 9; 3, 4 and 9 are not zero.
  SmartDealCase layer = test::dense_case({.C = 10}, 1, 0);
  layer.activations[3] = layer.activations[4] = layer.activations[9] = 1;
  arch::SmartDealSpec spec = test::small_spec(1, 1, 1);
  const auto scans = [&] { return test::run_both(layer, spec).fast.counters.selectors[Cause::busy]; };
  CHECK(scans() == 1 + 1 + 2 + 1);  // 0-3, 4, 5-7 and 8-9, end
  spec.index_window = "any";
  CHECK(scans() == 1 + 1 + 2 + 1);  // 0-3, 4, 5-8 and 9, end
  layer.activations[4] = 0;
  layer.activations[1] = 1;
  CHECK(scans() == 1 + 1 + 2 + 1);  // 0-1, 2-3, 4-7 and 8-9, end
  layer.activations[3] = 0;
  CHECK(scans() == 1 + 2 + 1);  // 0-1, 2-5 and 6-9, end
  spec.index_window = "word";
  CHECK(scans() == 1 + 3 + 1);  // 0-1, 2-3, 4-7 and 8-9, end
}

TEST_CASE("the width of the tile's number holds the selector back") {
  // Five tiles of one column; only the first has work, four cycles for each of 20 channels.
  SmartDealCase layer = test::dense_case({.C = 20, .W = 5}, 1, 0);
  for (std::size_t c = 0; c < 20; ++c) layer.activations[5 * c] = 85;
  arch::SmartDealSpec spec = test::small_spec(1, 1, 1);
  spec.skip_activations = "segment";
  const auto waits = [&] { return test::run_both(layer, spec).fast.counters.selectors; };
  spec.tile_bits = 4;
  const Account free = waits();
  spec.tile_bits = 1;  // tile 2 when tile 0 has been handed over
  const Account held = waits();
  CHECK(held[Cause::busy] == free[Cause::busy]);
  CHECK(held[Cause::imbalance] > free[Cause::imbalance]);
}
