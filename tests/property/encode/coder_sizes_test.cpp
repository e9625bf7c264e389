// Sizes against closed forms, counts by brute force, and entropy.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "tests/support/random_matrix.h"
#include "workloads/encode/coders/coder.h"

using namespace rebasis::encode;
using rebasis::test::describe;
using rebasis::test::Dice;
using rebasis::test::random_matrix;

namespace {

CodedMatrix coded(const char* coder, const WeightMatrix& matrix) {
  return CoderRegistry::global().create(coder)->encode(matrix);
}

std::uint64_t bits_with(const char* coder, const WeightMatrix& matrix) {
  const CodedMatrix result = coded(coder, matrix);
  CHECK(result.bytes.size() == (result.total_bits() + 7) / 8);  // nothing but the padding of the last byte is extra
  return result.total_bits();
}

/// ceil(log2(n + 1)), by counting.
std::uint64_t width(std::uint64_t n) {
  std::uint64_t bits = 0;
  for (; n > 0; n /= 2) ++bits;
  return bits;
}

/// Order-0 entropy of the values, in bits of all of them.
double entropy_bits(const std::vector<std::int32_t>& values) {
  std::map<std::int32_t, double> counts;
  for (const std::int32_t value : values) ++counts[value];
  double bits = 0;
  for (const auto& count : counts) bits -= count.second * std::log2(count.second / static_cast<double>(values.size()));
  return bits;
}

/// (zeros before, value) pairs when a run is at most `longest`, counted value by value.
std::uint64_t pairs(const std::vector<std::int32_t>& values, std::uint64_t longest) {
  std::uint64_t count = 0, run = 0, waiting = 0;
  for (const std::int32_t value : values) {
    if (value != 0) {
      count += waiting + 1;
      run = waiting = 0;
    } else if (run == longest) {
      ++waiting;  // this zero is stored, if anything follows
      run = 0;
    } else {
      ++run;
    }
  }
  return count;
}

WeightMatrix transposed(const WeightMatrix& matrix) {
  WeightMatrix result{matrix.columns, matrix.rows, matrix.bits, {}};
  for (std::int64_t c = 0; c < matrix.columns; ++c) {
    for (std::int64_t r = 0; r < matrix.rows; ++r)
      result.values.push_back(matrix.values[static_cast<std::size_t>(r * matrix.columns + c)]);
  }
  return result;
}

/// Both levels of bitmaps of blocks of `block` values.
std::uint64_t bitmap_bits(const WeightMatrix& matrix, std::int64_t block) {
  std::uint64_t bits = 0;
  for (std::int64_t r = 0; r < matrix.rows; ++r) {
    for (std::int64_t begin = 0; begin < matrix.columns; begin += block) {
      const auto first = matrix.values.begin() + r * matrix.columns + begin;
      const std::int64_t size = std::min(block, matrix.columns - begin);
      bits += 1;
      if (std::any_of(first, first + size, [](std::int32_t v) { return v != 0; }))
        bits += static_cast<std::uint64_t>(size);
    }
  }
  return bits;
}

/// A value of an i.i.d. source whose magnitude falls off by `ratio` a step.
std::int32_t geometric(Dice& dice, double zero, double ratio, int bits) {
  if (dice.chance(zero)) return 0;
  std::int32_t magnitude = 1;
  while (magnitude < (1 << (bits - 1)) - 1 && dice.chance(ratio)) ++magnitude;
  return dice.chance(0.5) ? magnitude : -magnitude;
}

}  // namespace

TEST_CASE("sizes are those of the closed forms") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const WeightMatrix matrix = random_matrix(seed);
    const std::string what = describe(seed, matrix);
    CAPTURE(what);
    const std::uint64_t count = matrix.values.size(), b = static_cast<std::uint64_t>(matrix.bits);
    const auto rows = static_cast<std::uint64_t>(matrix.rows), columns = static_cast<std::uint64_t>(matrix.columns);
    const std::uint64_t nonzeros =
        count - static_cast<std::uint64_t>(std::count(matrix.values.begin(), matrix.values.end(), 0));
    REQUIRE(bits_with("dense", matrix) == count * b);
    REQUIRE(bits_with("direct-index", matrix) == count + nonzeros * b);
    if (count == 0) continue;
    REQUIRE(bits_with("csr", matrix) ==
            width(count) + (rows - 1) * width(nonzeros) + nonzeros * (width(columns - 1) + b));
    REQUIRE(bits_with("csc", matrix) ==
            width(count) + (columns - 1) * width(nonzeros) + nonzeros * (width(rows - 1) + b));
    REQUIRE(bits_with("csc", matrix) == bits_with("csr", transposed(matrix)));
  }
}

TEST_CASE("run lengths and steps have the width that costs least") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const WeightMatrix matrix = random_matrix(seed);
    const std::string what = describe(seed, matrix);
    CAPTURE(what);
    if (matrix.values.empty()) continue;
    const std::uint64_t b = static_cast<std::uint64_t>(matrix.bits);
    std::uint64_t runs = UINT64_MAX, steps = UINT64_MAX;
    for (std::uint64_t w = 0; w <= 16; ++w) {
      runs = std::min(runs, pairs(matrix.values, (1U << w) - 1) * (w + b));
      if (w == 0) continue;
      std::uint64_t kept = 0;
      for (std::int64_t r = 0; r < matrix.rows; ++r) {
        const auto row = matrix.values.begin() + r * matrix.columns;
        kept += pairs({row, row + matrix.columns}, (1U << w) - 1);
      }
      steps = std::min(steps, kept * (w + b));
    }
    REQUIRE(bits_with("run-length", matrix) == 8 + width(matrix.values.size()) + runs);
    REQUIRE(bits_with("step-index", matrix) ==
            4 + static_cast<std::uint64_t>(matrix.rows) * width(static_cast<std::uint64_t>(matrix.columns)) + steps);
  }
}

TEST_CASE("the blocks of bitmap-values are the cheapest of those tried") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const WeightMatrix matrix = random_matrix(seed);
    const std::string what = describe(seed, matrix);
    CAPTURE(what);
    if (matrix.values.empty()) continue;
    std::uint64_t least = bitmap_bits(matrix, matrix.columns);
    for (std::int64_t block = 2; block < matrix.columns && block <= 64; ++block) {
      const bool tried = matrix.columns % block == 0 || std::has_single_bit(static_cast<std::uint64_t>(block));
      if (tried) least = std::min(least, bitmap_bits(matrix, block));
    }
    const CodedMatrix result = coded("bitmap-values", matrix);
    REQUIRE(result.bits.at("index") == least);
    REQUIRE(result.bits.at("tables") == width(static_cast<std::uint64_t>(matrix.columns)));
  }
}

TEST_CASE("Huffman codes are within a bit a value of the entropy") {
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const WeightMatrix matrix = random_matrix(seed);
    const std::string what = describe(seed, matrix);
    CAPTURE(what);
    if (matrix.values.empty()) continue;
    const double entropy = entropy_bits(matrix.values), count = static_cast<double>(matrix.values.size());
    const CodedMatrix result = coded("huffman", matrix);
    const auto bits = static_cast<double>(result.bits.at("values"));
    REQUIRE(bits >= entropy - 1e-6 * count);
    REQUIRE(bits < entropy + count);
    // Runs of no bits are one of the choices of huffman-pairs: a header, a table of one run, and the values' code.
    REQUIRE(bits_with("huffman-pairs", matrix) <= bits_with("huffman", matrix) + 4 + width(matrix.values.size()) + 2);
  }
}

TEST_CASE("Huffman pairs gain what runs have to give") {
  // Non-zeros every 16 values: runs are all 15 and cost nothing, which no code of single values can know.
  WeightMatrix matrix{64, 256, 8, std::vector<std::int32_t>(64 * 256)};
  for (std::size_t i = 15; i < matrix.values.size(); i += 16) matrix.values[i] = i % 32 == 15 ? 3 : -3;
  const CodedMatrix pairs = coded("huffman-pairs", matrix);
  CHECK(pairs.bits.at("index") == 0);
  CHECK(pairs.bits.at("values") == 1024);
  CHECK(coded("huffman", matrix).bits.at("values") == 64 * 256 + 1024);  // 15/16 zeros: 1 bit, +-3: 2 bits
}

TEST_CASE("the arithmetic code reaches the entropy of sources without memory") {
  struct Source {
    double zero, ratio;
    int bits;
  };
  for (const Source source : {Source{0.03, 0.97, 8}, Source{0.5, 0.9, 8}, Source{0.9, 0.7, 8}, Source{0.99, 0.5, 4},
                              Source{0.999, 0, 2}, Source{0.45, 0, 2}, Source{0.2, 0.99, 12}, Source{0, 0.98, 16}}) {
    CAPTURE(source.zero);
    CAPTURE(source.ratio);
    Dice dice(7);
    WeightMatrix matrix{512, 512, source.bits, {}};
    for (std::int64_t i = 0; i < matrix.rows * matrix.columns; ++i)
      matrix.values.push_back(geometric(dice, source.zero, source.ratio, source.bits));
    const double entropy = entropy_bits(matrix.values);
    const auto bits = static_cast<double>(bits_with("arithmetic", matrix));
    CAPTURE(entropy);
    CAPTURE(bits);
    CHECK(bits <= 1.015 * entropy + 2000);
    CHECK(bits >= 0.985 * entropy - 100);
    CHECK(bits < static_cast<double>(bits_with("huffman", matrix)));
  }
}

TEST_CASE("the arithmetic code reaches the entropy of every symmetric 8-bit distribution, not only of smooth ones") {
  Dice dice(11);
  WeightMatrix matrix{256, 512, 8, {}};
  const std::vector<std::int32_t> levels{-127, -64, -32, -16, 0, 0, 16, 32, 64, 127};
  for (int i = 0; i < 256 * 512; ++i) matrix.values.push_back(dice.pick(levels));
  const double entropy = entropy_bits(matrix.values);
  CHECK(static_cast<double>(bits_with("arithmetic", matrix)) <= 1.01 * entropy + 2000);
}

TEST_CASE("the arithmetic code gains from neighbours what codes of single values cannot") {
  // Rows of two kinds, sparse and dense: the entropy of the mixture is far above the mean of the entropies.
  Dice dice(3);
  WeightMatrix matrix{256, 1024, 4, {}};
  double apart = 0;
  for (int r = 0; r < 256; ++r) {
    std::vector<std::int32_t> row;
    for (int c = 0; c < 1024; ++c) row.push_back(geometric(dice, r / 16 % 2 == 0 ? 0.99 : 0.05, 0.5, 4));
    apart += entropy_bits(row);
    matrix.values.insert(matrix.values.end(), row.begin(), row.end());
  }
  const auto bits = static_cast<double>(bits_with("arithmetic", matrix));
  CHECK(bits < 0.9 * entropy_bits(matrix.values));
  CHECK(bits < 1.1 * apart);
}
