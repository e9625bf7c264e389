// SmartDeal, static part of the control: what a row segment costs in each mode of the MACs, which taps share a filling
// of the FIFO, which pairs are skipped.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/error.h"
#include "sim/smartdeal/requantise.h"
#include "tests/support/dice.h"
#include "tests/unit/sim/smartdeal_case.h"

using namespace rebasis;
using namespace rebasis::sim::smartdeal;
using rebasis::sim::Account, rebasis::sim::Activations, rebasis::sim::Cause, rebasis::sim::Cycle;
using rebasis::test::SmartDealCase;

namespace {

LayerShape row_shape(std::int64_t W, std::int64_t S) {
  LayerShape shape;
  shape.W = W;
  shape.S = S;
  return shape;
}

/// Busy cycles of the only item of a row, in the cost table and on a clocked line.
struct Busy {
  std::int64_t table = 0, line = 0;
  std::int64_t digits = 0;
};

Busy busy(const std::vector<std::uint8_t>& row, std::int64_t S, const arch::SmartDealSpec& spec,
          bool is_signed = false) {
  SmartDealCase layer = test::dense_case(row_shape(static_cast<std::int64_t>(row.size()), S), 1, 0);
  layer.activations = row;
  layer.is_signed = is_signed;
  const Activations image = layer.image();
  const CostTable costs(layer.data, image, spec);
  REQUIRE(costs.groups().size() == 1);
  const Counters clocked = test::run_both(layer, spec).clocked.run.counters;
  CHECK(clocked[Action::digit_step] == static_cast<std::uint64_t>(costs.at(0, 0, 0, 0).digits));
  return {costs.at(0, 0, 0, 0).cycles, clocked.lines[Cause::busy], costs.at(0, 0, 0, 0).digits};
}

void check_busy(const std::vector<std::uint8_t>& row, std::int64_t S, const arch::SmartDealSpec& spec,
                std::int64_t cycles) {
  const Busy result = busy(row, S, spec);
  CHECK(result.table == cycles);
  CHECK(result.line == cycles);
}

}  // namespace

TEST_CASE("a MAC takes a cycle for each non-zero Booth digit, and one for a zero") {
  const arch::SmartDealSpec spec = test::small_spec(1, 1, 1);
  // 0; 1 = 1; 2 = 4 - 2; 3 = 4 - 1; 21 = 16 + 4 + 1; 64 = 4^3; 85 = 64 + 16 + 4 + 1; 170 = 256 - 64 - 16 - 4 - 2.
  const std::vector<std::pair<std::uint8_t, std::int64_t>> digits = {{1, 1},  {2, 2},  {3, 2},  {21, 3},
                                                                     {64, 1}, {85, 4}, {170, 5}};
  for (const auto& pair : digits) {
    const auto value = pair.first;
    const auto count = pair.second;
    CAPTURE(static_cast<int>(value));
    const Busy result = busy({value}, 1, spec);
    CHECK(result.table == count);
    CHECK(result.line == count);
    CHECK(result.digits == count);
  }
  check_busy({0, 1}, 2, spec, 2);  // the zero takes a cycle, too
  // As signed bytes: 170 is -86 = -64 - 16 - 4 - 2, four digits; 255 is -1, one.
  CHECK(busy({170}, 1, spec, true).line == 4);
  CHECK(busy({255}, 1, spec, true).line == 1);
}

TEST_CASE("MACs of a line: lock-step, bounded lead, free within the row") {
  // Digits 1 1 1 4 1 1 1, four taps on four MACs. MAC f meets the four-digit value at tap 3 - f.
  const std::vector<std::uint8_t> row = {1, 1, 1, 85, 1, 1, 1};
  arch::SmartDealSpec spec = test::small_spec(1, 1, 4);
  spec.max_kernel = 4;
  SUBCASE("weight: each tap takes the slowest MAC's four cycles") {
    spec.mac_sync = "weight";
    check_busy(row, 4, spec, 16);
  }
  SUBCASE("row: every MAC needs 7") {
    spec.mac_sync = "row";
    check_busy(row, 4, spec, 7);
  }
  SUBCASE("lead 1") {
    // Ends of the taps by MAC (tap t starts when every MAC is through tap t - 2):
    //   tap 0: 1 1 1 4;  tap 1: 2 2 5 5;  tap 2 from 4: 5 8 6 6;  tap 3 from 5: 9 9 7 7.
    spec.mac_sync = "lead";
    spec.mac_lead = 1;
    check_busy(row, 4, spec, 9);
  }
  SUBCASE("lead 2") {
    // tap 0: 1 1 1 4;  tap 1: 2 2 5 5;  tap 2: 3 6 6 6;  tap 3 from 4: 8 7 7 7.
    spec.mac_sync = "lead";
    spec.mac_lead = 2;
    check_busy(row, 4, spec, 8);
  }
  SUBCASE("lead 3 is as good as free: there are four taps") {
    spec.mac_sync = "lead";
    spec.mac_lead = 3;
    check_busy(row, 4, spec, 7);
  }
  SUBCASE("not bit-serial: a cycle a tap") {
    spec.bit_serial = false;
    const SmartDealCase layer = test::dense_case(row_shape(7, 4), 1, 85);
    const CostTable costs(layer.data, layer.image(), spec);
    CHECK(costs.at(0, 0, 0, 0).cycles == 4);
  }
}

TEST_CASE("a tile at the edge of the map counts the padding as zeros") {
  LayerShape shape = row_shape(3, 3);
  shape.pad_left = shape.pad_right = 1;
  SmartDealCase layer = test::dense_case(shape, 1, 85);  // F = 3: tiles of two and one columns
  const CostTable costs(layer.data, layer.image(), test::small_spec(1, 1, 2));
  // Tile 0: taps (0, 4), (4, 4), (4, 4) digits. Tile 1, column 2: 4, 4, 0.
  CHECK(costs.at(0, 0, 0, 0).cycles == 12);
  CHECK(costs.at(0, 0, 0, 0).digits == 20);
  CHECK(costs.at(0, 0, 0, 1).cycles == 9);
  CHECK(costs.at(0, 0, 0, 1).digits == 8);
}

TEST_CASE("what is skipped: rows, segments, nothing") {
  SmartDealCase layer = test::dense_case(row_shape(4, 1), 1, 0);
  arch::SmartDealSpec spec = test::small_spec(1, 1, 2);
  const auto skipped = [&](const char* mode, std::int64_t tile) {
    spec.skip_activations = mode;
    return CostTable(layer.data, layer.image(), spec).skipped(0, 0, 0, tile);
  };
  layer.activations = {0, 0, 0, 1};  // the first tile's segment is zero, the row is not
  CHECK_FALSE(skipped("row", 0));
  CHECK(skipped("segment", 0));
  CHECK_FALSE(skipped("segment", 1));
  CHECK_FALSE(skipped("off", 0));
  layer.activations = {0, 0, 0, 0};
  CHECK(skipped("row", 1));
  CHECK(skipped("segment", 1));
  CHECK_FALSE(skipped("off", 1));
}

TEST_CASE("skipped segments change the time, not the result") {
  LayerShape shape = row_shape(8, 1);
  shape.C = 2;
  for (const char* mode : {"row", "segment", "off"}) {
    SmartDealCase layer = test::dense_case(shape, 3, 0);
    layer.activations[3] = 7;
    arch::SmartDealSpec spec = test::small_spec(1, 1, 2);
    spec.skip_activations = mode;
    const test::BothRuns runs = test::run_both(layer, spec);
    CHECK(runs.clocked.outputs == std::vector<std::int64_t>{0, 0, 0, 21, 0, 0, 0, 0});
    // Segments of two columns: all eight; the four of the row that is not zero; the one with the 7.
    const std::uint64_t segments = std::string(mode) == "off" ? 8 : std::string(mode) == "row" ? 4 : 1;
    CHECK(runs.fast.counters.effective_macs == segments * 2);
  }
}

TEST_CASE("tap groups: stride 1 has one; its span is S - 1") {
  const auto groups = tap_groups(row_shape(20, 5), 8, 8 + 5 - 1);
  REQUIRE(groups.size() == 1);
  CHECK(groups[0].taps == std::vector<std::int64_t>{0, 1, 2, 3, 4});
  CHECK(groups[0].shifts == std::vector<std::int64_t>{0, 1, 2, 3, 4});
  CHECK(groups[0].span == 4);
}

TEST_CASE("tap groups: a stride splits the taps by the phase of their columns") {
  LayerShape shape = row_shape(20, 5);
  shape.stride_w = 2;
  const auto groups = tap_groups(shape, 8, 8 + 5 - 1);
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].taps == std::vector<std::int64_t>{0, 2, 4});  // even columns: shifts 0, 1, 2
  CHECK(groups[0].shifts == std::vector<std::int64_t>{0, 1, 2});
  CHECK(groups[1].phase == 1);
  CHECK(groups[1].taps == std::vector<std::int64_t>{1, 3});
  CHECK(groups[1].shifts == std::vector<std::int64_t>{0, 1});
}

TEST_CASE("tap groups: dilation widens the span; a FIFO too short for it is filled again") {
  LayerShape shape = row_shape(30, 3);
  shape.dilation_w = 4;  // columns 0, 4, 8
  CHECK(tap_groups(shape, 8, 8 + 9 - 1).size() == 1);
  const auto two = tap_groups(shape, 8, 8 + 5 - 1);  // four columns of room
  REQUIRE(two.size() == 2);
  CHECK(two[0].taps == std::vector<std::int64_t>{0, 1});
  CHECK(two[0].span == 4);
  CHECK(two[1].first_shift == 8);
  CHECK(two[1].taps == std::vector<std::int64_t>{2});
  CHECK(tap_groups(shape, 8, 8).size() == 3);
}

TEST_CASE("tap groups: dilation and stride together") {
  LayerShape shape = row_shape(40, 4);
  shape.dilation_w = 3;  // columns 0 3 6 9
  shape.stride_w = 2;    // phases 0 1 0 1, shifts 0 1 3 4
  const auto groups = tap_groups(shape, 4, 4 + 11 - 1);
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].taps == std::vector<std::int64_t>{0, 2});
  CHECK(groups[0].shifts == std::vector<std::int64_t>{0, 3});
  CHECK(groups[1].taps == std::vector<std::int64_t>{1, 3});
  CHECK(groups[1].first_shift == 1);
  CHECK(groups[1].shifts == std::vector<std::int64_t>{0, 3});
}

TEST_CASE("tap groups: a kernel wider than the FIFO goes in pieces that cover it once") {
  const auto groups = tap_groups(row_shape(40, 13), 8, 8 + 5 - 1);
  REQUIRE(groups.size() == 3);  // 5, 5, 3
  std::vector<std::int64_t> all;
  for (const TapGroup& group : groups) all.insert(all.end(), group.taps.begin(), group.taps.end());
  CHECK(all == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  CHECK(groups[1].first_shift == 5);
  CHECK(groups[2].first_shift == 10);
  CHECK(groups[2].span == 2);
}

TEST_CASE("tap groups: a stride wider than the kernel leaves phases without taps") {
  LayerShape shape = row_shape(20, 2);
  shape.stride_w = 5;
  const auto groups = tap_groups(shape, 4, 4);
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].phase == 0);
  CHECK(groups[1].phase == 1);
}

TEST_CASE("a segment takes the words of its beats, two neighbouring ones an access") {
  // Eleven bytes a beat; a lane has two banks with words of eight bytes.
  arch::SmartDealSpec spec = arch::smartdeal_parameters().resolve({});
  REQUIRE(spec.input_word_bytes() == 8);
  LayerShape shape = row_shape(56, 3);
  shape.pad_left = shape.pad_right = 1;
  const auto check = [&](std::int64_t group, std::int64_t tile, std::int64_t words, std::int64_t cycles) {
    CAPTURE(tile);
    const auto groups = tap_groups(shape, spec.dim_F, spec.fifo_entries());
    const PortCost cost = port_cost(shape, spec, groups[static_cast<std::size_t>(group)], tile);
    CHECK(cost.words == words);
    CHECK(cost.cycles == cycles);
  };
  SUBCASE("3 x 3, padding 1: tile t has the bytes 8 t to 8 t + 9") {
    check(0, 0, 2, 1);  // 1 to 9; byte 0 is padding
    check(0, 3, 2, 1);
    check(0, 6, 2, 1);  // 48 to 56
  }
  SUBCASE("a row that begins with its first word: 23 to 32 for tile 3") {
    spec.input_gb_row_start = "word";
    check(0, 0, 2, 1);  // 0 to 8
    check(0, 3, 3, 2);
  }
  SUBCASE("one bank a lane, words of 16: 8 to 17") {
    spec.input_gb_banks = 16;
    REQUIRE(spec.input_word_bytes() == 16);
    check(0, 1, 2, 2);
    check(0, 2, 1, 1);  // 16 to 25
  }
  SUBCASE("more lanes than banks: as many banks as lanes") {
    spec.dim_C = 64;
    CHECK(spec.input_banks() == 64);
    check(0, 1, 2, 2);
  }
  SUBCASE("a kernel of 11: beats of 11 and 7") {
    shape.S = 11;
    shape.pad_left = shape.pad_right = 5;
    check(0, 1, 2 + 2, 2);  // 8 to 18, 19 to 25
  }
  SUBCASE("7 x 7, stride 2: every second of 16 to 36") {
    shape = row_shape(224, 7);
    shape.stride_w = 2;
    shape.pad_left = shape.pad_right = 3;
    check(0, 1, 3, 2);
    spec.input_gb_columns = "by_phase";  // 8 to 18
    check(0, 1, 2, 1);
    check(1, 1, 2, 1);
  }
  SUBCASE("nothing inside the row: a beat of zeros takes its cycle") {
    shape = row_shape(1, 1);
    shape.pad_left = shape.pad_right = 8;
    check(0, 0, 0, 1);
    check(0, 1, 1, 1);
  }
}

TEST_CASE("the input buffer is full when a lane's banks are: 16 lanes of two banks with words of eight bytes") {
  arch::SmartDealSpec spec = arch::smartdeal_parameters().resolve({});
  spec.input_gb_bytes = 16 * 16;  // an access a lane: one row, however short
  const auto maps = [&](const LayerShape& shape) {
    SmartDealCase layer = test::dense_case(shape, 1, 1);
    try {
      (void)map_layer(layer.data, spec, {12.8, 50});
      return true;
    } catch (const Error& error) {
      CHECK(error.status() == Status::infeasible);
      return false;
    }
  };
  CHECK(maps({.C = 16}));
  CHECK(maps({.C = 16, .W = 16}));
  CHECK_FALSE(maps({.C = 16, .W = 17}));
  CHECK_FALSE(maps({.C = 16, .W = 16, .S = 3, .pad_left = 1, .pad_right = 1}));  // begins behind the padding
  CHECK_FALSE(maps({.C = 17}));
  CHECK(maps({.C = 1}));
  CHECK_FALSE(maps({.C = 1, .H = 2, .R = 2}));  // two rows of the one channel
  spec.input_gb_bytes *= 2;
  CHECK(maps({.C = 1, .H = 2, .R = 2}));
}

TEST_CASE("requantisation rounds half to even and saturates, as real arithmetic does") {
  CHECK(requantise(5, {.multiplier = 1, .shift = 1}) == 2);  // 2.5
  CHECK(requantise(7, {.multiplier = 1, .shift = 1}) == 4);  // 3.5
  CHECK(requantise(-5, {.multiplier = 1, .shift = 1, .signed_results = true}) == -2);
  CHECK(requantise(-5, {.multiplier = 1, .shift = 1}) == 0);
  CHECK(requantise(300, {}) == 255);
  CHECK(requantise(300, {.signed_results = true}) == 127);
  test::Dice dice(1);
  for (int i = 0; i < 20000; ++i) {
    Requantisation constants;
    constants.bias = static_cast<std::int32_t>(dice.between(-1000000, 1000000));
    constants.multiplier = static_cast<std::uint16_t>(dice.between(0, 65535));
    constants.shift = static_cast<int>(dice.between(0, 47));
    constants.signed_results = dice.chance(0.5);
    const std::int64_t sum = dice.between(INT32_MIN, INT32_MAX);
    // Exact: the product has at most 49 bits, and the division is by a power of two.
    const double real = std::ldexp(static_cast<double>(sum + constants.bias) * constants.multiplier, -constants.shift);
    const double low = constants.signed_results ? -128 : 0, high = constants.signed_results ? 127 : 255;
    REQUIRE(requantise(sum, constants) == static_cast<std::int64_t>(std::clamp(std::nearbyint(real), low, high)));
  }
}

TEST_CASE("a real scale becomes sixteen bits and a shift") {
  test::Dice dice(2);
  for (int i = 0; i < 2000; ++i) {
    const double scale =
        std::ldexp(static_cast<double>(dice.between(1, 1 << 20)), -static_cast<int>(dice.between(10, 40)));
    const Requantisation made = requantisation(scale, 0, false);
    CAPTURE(scale);
    CHECK(std::ldexp(made.multiplier, -made.shift) == doctest::Approx(scale).epsilon(made.shift == 47 ? 1 : 1e-4));
  }
}
