// SmartDeal, closed forms: layers in which one resource is the narrowest. The time is that resource's work within a few
// per cent, and the stall split names it.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "tests/unit/sim/smartdeal_case.h"

using namespace rebasis;
using namespace rebasis::sim::smartdeal;
using rebasis::sim::Account, rebasis::sim::Activations, rebasis::sim::Cause, rebasis::sim::Cycle;
using rebasis::test::BothRuns;
using rebasis::test::SmartDealCase;
using rebasis::test::text_of;

namespace {

/// The cause that takes most cycles besides the work itself.
Cause binding_cause(Account lines) {
  lines[Cause::busy] = 0;
  return Cause{
      static_cast<std::size_t>(std::max_element(lines.cycles.begin(), lines.cycles.end()) - lines.cycles.begin())};
}

/// No time below the closed form; at most `percent` above it; `cause` takes most of what the lines lose, or `busy`
/// most of all.
Counters check_closed_form(SmartDealCase& layer, const arch::SmartDealSpec& spec, double closed_form, double percent,
                           Cause cause) {
  const BothRuns runs = test::run_both(layer, spec);
  const Counters& counters = runs.fast.counters;
  INFO(text_of(counters.lines) << "; cycles " << counters.cycles << ", closed form " << closed_form);
  CHECK(first_difference(counters, runs.clocked.run.counters) == "");
  CHECK(static_cast<double>(counters.cycles) >= closed_form);
  CHECK(static_cast<double>(counters.cycles) <= closed_form * (1 + percent / 100));
  if (cause == Cause::busy) {
    CHECK(counters.lines[Cause::busy] * 100 >= counters.lines.total() * 90);
  } else {
    CHECK(name(binding_cause(counters.lines)) == name(cause));
  }
  return counters;
}

LayerShape vector_shape(std::int64_t M, std::int64_t C, std::int64_t W) {
  LayerShape shape;
  shape.M = M;
  shape.C = C;
  shape.W = W;
  return shape;
}

}  // namespace

TEST_CASE("compute bound: digits of all pairs") {
  // 128 channels on 2 lines, three taps of four digits, two rows of four tiles.
  LayerShape shape = vector_shape(4, 128, 34);
  shape.H = 4;
  shape.R = shape.S = 3;
  SmartDealCase layer = test::dense_case(shape, 1, 85);
  const double items = 128.0 / 2 * 3 * 2 * 4;
  check_closed_form(layer, test::small_spec(4, 2, 8), items * 3 * 4, 2, Cause::busy);
}

TEST_CASE("weight-port bound: 16-bit rows through one byte a cycle") {
  LayerShape shape = vector_shape(2, 256, 8);
  shape.S = 5;
  shape.W = 8 + 4;
  SmartDealCase layer = test::dense_case(shape, 1, 1);
  arch::SmartDealSpec spec = test::small_spec(2, 1, 8);
  spec.precision_bits = 16;
  spec.weight_buffer_factor = 0.5;  // one byte
  spec.weight_buffer_bytes = 16384;
  spec.input_gb_factor = 16;
  // A row is 5 weights of two bytes: 10 cycles of the port, 5 of the MACs.
  const Counters counters = check_closed_form(layer, spec, 256 * 10, 2, Cause::weights);
  CHECK(counters.weight_ports[Cause::busy] == 2 * 256 * 10);  // two slices
}

TEST_CASE("input-port bound: one byte a cycle for eight columns") {
  SmartDealCase layer = test::dense_case(vector_shape(2, 256, 8), 1, 1);
  arch::SmartDealSpec spec = test::small_spec(2, 1, 8);
  spec.input_gb_factor = 0.01;
  const Counters counters = check_closed_form(layer, spec, 256 * 8, 2, Cause::inputs);
  CHECK(counters.lanes[Cause::busy] == 256 * 8);
}

TEST_CASE("index-selector bound: one pair a cycle, one of ten rows not zero") {
  SmartDealCase layer = test::dense_case(vector_shape(2, 1000, 1), 1, 0);
  for (std::size_t c = 9; c < 1000; c += 10) layer.activations[c] = 1;
  arch::SmartDealSpec spec = test::small_spec(2, 1, 1);
  spec.pairs_per_cycle = 1;
  const Counters counters = check_closed_form(layer, spec, 1000, 2, Cause::index);
  CHECK(counters.selectors[Cause::busy] == 1001);  // and a cycle at the end of the tile
  CHECK(counters.effective_macs == 2 * 100);
  // Four pairs a cycle: the window holds no two rows that are not zero, so ten pairs take three cycles. The line spends
  // them on the pair's way to it, which the split names; that the selector sets the pace is seen from its own account.
  spec.pairs_per_cycle = 4;
  const Counters four = test::run_both(layer, spec).fast.counters;
  CHECK(four.selectors[Cause::busy] == 301);
  CHECK(four.cycles <= 301 * 1.05);
}

TEST_CASE("output-port bound: a byte a cycle for eight slices") {
  // 32 tiles of 8 x 8 outputs; the MACs need a cycle a tile.
  SmartDealCase layer = test::dense_case(vector_shape(8, 1, 256), 1, 1);
  arch::SmartDealSpec spec = test::small_spec(8, 1, 8);
  spec.output_gb_banks = 1;
  spec.output_gb_port_bits = 8;
  const Counters counters = check_closed_form(layer, spec, 32 * 64, 2, Cause::output);
  CHECK(counters.output_port[Cause::busy] == 32 * 64);
}

TEST_CASE("rebuild bound: four coefficients a row, one of four channels not zero") {
  // 256 rows of four channels with four coefficients each: the engine takes four cycles a row, the MAC one. One basis.
  SmartDealCase layer = test::smartdeal_case(vector_shape(1, 1024, 8), std::vector<std::uint8_t>(256, 4), {256}, 0);
  for (std::size_t c = 0; c < 1024; c += 4)
    std::fill_n(layer.activations.begin() + static_cast<std::ptrdiff_t>(c * 8), 8, std::uint8_t{1});
  arch::SmartDealSpec spec = test::small_spec(1, 1, 8);
  spec.row_latches = 4;
  spec.input_gb_factor = 16;
  const Counters counters = check_closed_form(layer, spec, 256 * 4, 4, Cause::weights);
  CHECK(counters.rebuild_engines[Cause::busy] == 256 * 4);
  // Four terms a cycle take the engine out of the way.
  spec.rebuild_terms = 4;
  CHECK(test::run_both(layer, spec).fast.counters.cycles < 600);
}

TEST_CASE("Huffman bound: a filter of 960 coefficients at one a cycle, by one decoder a slice or one for all") {
  // One channel vector of four for each of 240 rows, one tile of a column: the array needs 960 cycles a filter only to
  // be given its weights. Activations are zero, so that nothing else happens.
  SmartDealCase layer = test::smartdeal_case(vector_shape(4, 960, 1), std::vector<std::uint8_t>(4 * 240, 4), {240}, 0);
  arch::SmartDealSpec spec = test::small_spec(4, 4, 1);
  spec.huffman_symbols_per_cycle = 1;
  const Counters own = check_closed_form(layer, spec, 960, 10, Cause::idle);
  CHECK(own.decoders[Cause::busy] == 4 * 960);
  CHECK(own.selectors[Cause::weights] > 4 * 900);
  spec.huffman_decoders = 1;
  CHECK(check_closed_form(layer, spec, 4 * 960, 3, Cause::idle).decoders[Cause::busy] == 4 * 960);
  spec.huffman_symbols_per_cycle = 4;
  CHECK(check_closed_form(layer, spec, 960, 10, Cause::idle).decoders[Cause::busy] == 960);
}

TEST_CASE("DRAM bound: a tenth of a byte a cycle") {
  LayerShape shape = vector_shape(16, 64, 8);
  SmartDealCase layer = test::dense_case(shape, 1, 1);
  arch::SmartDealSpec spec = test::small_spec(16, 4, 8);
  spec.dram_model = "bandwidth";
  spec.dram_bandwidth_gb_s = 0.1;
  spec.dram_latency_ns = 0;
  // Weights, activations and outputs once each; the computation runs only after the only load.
  const Counters counters = check_closed_form(layer, spec, (16 * 64 + 64 * 8 + 16 * 8) * 10.0, 2, Cause::dram);
  CHECK(counters.dram.total() == 16 * 64 + 64 * 8 + 16 * 8);
}

TEST_CASE("DRAM latency: one for every request that does not follow its predecessor") {
  // Weights, activations, outputs: three requests, three latencies of 100 cycles at infinite speed but for 1 byte in
  // 0.001 cycles. Everything else takes 11 cycles as by the unlimited memory, less the 4 of the DMA.
  SmartDealCase layer = test::dense_case(LayerShape{}, 5, 1);
  arch::SmartDealSpec spec = test::small_spec(1, 1, 1);
  spec.dram_model = "bandwidth";
  spec.dram_bandwidth_gb_s = 1000;
  spec.dram_latency_ns = 100;
  const BothRuns runs = test::run_both(layer, spec);
  CHECK(runs.fast.counters.cycles >= 300 + 7);
  CHECK(runs.fast.counters.cycles <= 300 + 14);
  CHECK(first_difference(runs.fast.counters, runs.clocked.run.counters) == "");
}

TEST_CASE("clusters: a fully-connected layer computes two filters a line, at one port for both") {
  SmartDealCase layer = test::dense_case(vector_shape(4, 512, 1), 1, 85);  // four digits a channel
  arch::SmartDealSpec spec = test::small_spec(2, 1, 4);
  // One cluster: two passes of 512 channels at four cycles. Two: one pass, the port's two cycles hide behind four.
  spec.clusters = 1;
  const Counters one = check_closed_form(layer, spec, 2 * 512 * 4, 3, Cause::busy);
  spec.clusters = 2;
  const Counters two = check_closed_form(layer, spec, 512 * 4, 3, Cause::busy);
  CHECK(one.effective_macs == two.effective_macs);
  CHECK(one[Action::digit_step] == two[Action::digit_step]);
}

TEST_CASE("basis prefetch: hidden with two rebuild engines, exposed with one") {
  // Twenty bases of four 3-wide rows each; five channels would do, here kernel rows are few and wide: C = 80, R = 1.
  LayerShape shape = vector_shape(1, 80, 10);
  shape.S = 3;
  SmartDealCase layer =
      test::smartdeal_case(shape, std::vector<std::uint8_t>(80, 3), std::vector<std::int64_t>(20, 4), 85);
  arch::SmartDealSpec spec = test::small_spec(1, 1, 8);
  // A row takes 12 cycles (three taps of four digits), a region 48. The basis: 9 bytes, two a cycle, 5 cycles.
  spec.rebuild_engines = 2;
  const Counters hidden = check_closed_form(layer, spec, 80 * 12, 5, Cause::busy);
  spec.rebuild_engines = 1;
  const BothRuns runs = test::run_both(layer, spec);
  // At each of the 19 changes the line runs empty: basis 5, the row is heard of a cycle after the grant, fetched in 1
  // (12 bits, 2 bytes), rebuilt in 3: 10 cycles.
  CHECK(runs.fast.counters.cycles - hidden.cycles == 19 * 10);
  CHECK(first_difference(runs.fast.counters, runs.clocked.run.counters) == "");
  CHECK(runs.fast.counters.weight_ports[Cause::busy] == hidden.weight_ports[Cause::busy]);
  CHECK(hidden.weight_ports[Cause::busy] == 20 * 5 + 80);
}

TEST_CASE("a basis that stays: with as many engines as bases every tile reuses them") {
  LayerShape shape = vector_shape(1, 8, 66);  // eight tiles
  shape.S = 3;
  SmartDealCase layer = test::smartdeal_case(shape, std::vector<std::uint8_t>(8, 3), {4, 4}, 1);
  arch::SmartDealSpec spec = test::small_spec(1, 1, 8);
  spec.rebuild_engines = 2;
  CHECK(test::run_both(layer, spec).fast.counters[Action::basis_write] == 2 * 9);
  spec.rebuild_engines = 1;  // both, for every tile
  CHECK(test::run_both(layer, spec).fast.counters[Action::basis_write] == 8 * 2 * 9);
}
