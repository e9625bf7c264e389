// Oneffsets rebuild their value; bricks take the cycles of the two-stage shifting, by hand and against a naive model.
#include <doctest/doctest.h>

#include <bit>

#include "sim/bit_pragmatic/brick_table.h"
#include "tests/support/dice.h"
#include "workloads/booth.h"

namespace rebasis::sim::bit_pragmatic {
namespace {

using Encoding = OneffsetFormat::Encoding;

std::int64_t rebuilt(const std::vector<Oneffset>& terms) {
  std::int64_t value = 0;
  for (const Oneffset& term : terms) value += (term.negative ? -1 : 1) * (std::int64_t{1} << term.power);
  return value;
}

bool ascending(const std::vector<Oneffset>& terms) {
  for (std::size_t i = 1; i < terms.size(); ++i) {
    if (terms[i].power <= terms[i - 1].power) return false;
  }
  return true;
}

void check_all(int lowest, int highest, const OneffsetFormat& format) {
  bool good = true;
  for (int value = lowest; value <= highest; ++value) {
    const auto terms = oneffsets(value, format);
    good = good && rebuilt(terms) == value && ascending(terms);
  }
  CHECK(good);
}

/// The array as the paper tells it, lane by lane in plain text: each lane holds the powers still to do.
int naive_cycles(std::vector<std::vector<int>> lanes, int first_stage_bits) {
  int cycles = 0;
  while (true) {
    int lowest = 1000;
    for (const auto& lane : lanes) {
      for (const int power : lane) lowest = power < lowest ? power : lowest;
    }
    if (lowest == 1000) return cycles == 0 ? 1 : cycles;
    for (auto& lane : lanes) {
      if (!lane.empty() && lane.front() - lowest < (1 << first_stage_bits)) lane.erase(lane.begin());
    }
    ++cycles;
  }
}

std::uint32_t mask(const std::vector<int>& powers) {
  std::uint32_t bits = 0;
  for (const int power : powers) bits |= std::uint32_t{1} << static_cast<unsigned>(power);
  return bits;
}

}  // namespace

TEST_CASE("every value is the sum of its oneffsets") {
  for (const Encoding encoding : {Encoding::plain, Encoding::booth, Encoding::naf}) {
    for (const int width : {8, 16}) {
      check_all(0, (1 << width) - 1, {encoding, width, false});
      check_all(-(1 << (width - 1)), (1 << (width - 1)) - 1, {encoding, width, true});
    }
  }
}

TEST_CASE("how many oneffsets") {
  bool booth_equal = true, naf_fewest = true, plain_ones = true;
  for (int value = -128; value <= 255; ++value) {
    const bool is_signed = value < 0;
    const auto booth = oneffsets(value, {Encoding::booth, 8, is_signed}).size(),
               naf = oneffsets(value, {Encoding::naf, 8, is_signed}).size();
    const auto plain = oneffsets(value, {Encoding::plain, 8, is_signed}).size();
    booth_equal = booth_equal && booth == static_cast<std::size_t>(booth_digits(value));
    naf_fewest = naf_fewest && naf <= booth && naf <= plain;
    plain_ones = plain_ones && plain == static_cast<std::size_t>(std::popcount(static_cast<unsigned>(value) & 0xffU));
  }
  CHECK(booth_equal);
  CHECK(naf_fewest);
  CHECK(plain_ones);
  CHECK(oneffsets(-1, {Encoding::plain, 16, true}).size() == 16);  // sign bits are one-bits
  CHECK(oneffsets(6, {Encoding::booth, 8, false}) == std::vector<Oneffset>{{1, true}, {3, false}});  // -2 + 8
  CHECK(oneffsets(7, {Encoding::naf, 8, false}) == std::vector<Oneffset>{{0, true}, {3, false}});
  CHECK(oneffsets(-128, {Encoding::plain, 8, true}) == std::vector<Oneffset>{{7, true}});
}

TEST_CASE("cycles of a brick by hand") {
  CHECK(brick_cycles({}, 2) == 1);
  CHECK(brick_cycles({0, 0}, 2) == 1);
  // Lanes with powers {0, 4} and {7}: with L = 2 the second waits until the common shift is 4 (reach 4..7).
  CHECK(brick_cycles({mask({0, 4}), mask({7})}, 2) == 2);
  CHECK(brick_cycles({mask({0, 4}), mask({7})}, 1) == 3);  // reach 0..1, 4..5, 7
  CHECK(brick_cycles({mask({0, 4}), mask({7})}, 3) == 2);
  CHECK(brick_cycles({mask({0}), mask({1}), mask({2}), mask({3})}, 0) == 4);  // one power at a time
  CHECK(brick_cycles({mask({0}), mask({1}), mask({2}), mask({3})}, 1) == 2);
  CHECK(brick_cycles({mask({0}), mask({1}), mask({2}), mask({3})}, 2) == 1);
  CHECK(brick_cycles(std::vector<std::uint32_t>(16, 0xff), 0) == 8);  // the dense machine, whatever L
  CHECK(brick_cycles(std::vector<std::uint32_t>(16, 0xff), 3) == 8);
}

TEST_CASE("cycles of random bricks: a naive model, limits, and a longer first stage is never slower") {
  test::Dice dice(7);
  bool equal = true, monotone = true, limited = true;
  for (int i = 0; i < 4000; ++i) {
    const OneffsetFormat format{dice.pick<Encoding>({Encoding::plain, Encoding::booth, Encoding::naf}),
                                dice.pick<int>({8, 16}), dice.chance(0.5)};
    const int values = 1 << format.width;
    std::vector<std::vector<int>> lanes(static_cast<std::size_t>(dice.between(1, 16)));
    std::vector<std::uint32_t> masks;
    std::uint32_t any = 0;
    std::size_t longest = 0;
    for (auto& lane : lanes) {
      const int value =
          dice.chance(0.3) ? 0 : static_cast<int>(dice.between(0, values - 1)) - (format.is_signed ? values / 2 : 0);
      for (const Oneffset& term : oneffsets(value, format)) lane.push_back(term.power);
      masks.push_back(mask(lane));
      any |= masks.back();
      longest = std::max(longest, lane.size());
    }
    int shorter = 1000;
    for (int bits = 0; bits <= 5; ++bits) {
      const int cycles = brick_cycles(masks, bits);
      equal = equal && cycles == naive_cycles(lanes, bits);
      monotone = monotone && cycles <= shorter;
      shorter = cycles;
    }
    const int distinct = std::max(1, std::popcount(any));
    limited =
        limited && brick_cycles(masks, 0) == distinct && shorter == static_cast<int>(std::max<std::size_t>(1, longest));
  }
  CHECK(equal);
  CHECK(monotone);
  CHECK(limited);  // L = 0: a cycle for each distinct power; a single stage: those of the longest lane
}

}  // namespace rebasis::sim::bit_pragmatic
