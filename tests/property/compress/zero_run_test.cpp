// Zero runs: decoding gives back what was encoded, sizes are exact, strangers' blocks are refused or decoded, never
// worse.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "tests/support/errors.h"
#include "workloads/encode/zero_run.h"

using namespace rebasis;
using encode::ZeroRunBlock, encode::ZeroRunFormat;

namespace {

std::vector<std::int32_t> sparse_values(unsigned one_in) {
  return *rc::gen::container<std::vector<std::int32_t>>(
      rc::gen::map(rc::gen::pair(rc::gen::inRange(0U, one_in), rc::gen::inRange(-128, 128)),
                   [](const auto& draw) { return draw.first == 0 ? draw.second : 0; }));
}

}  // namespace

TEST_CASE("decode(encode(x)) = x, packed and not") {
  CHECK(rc::check([] {
    const ZeroRunFormat format{8, *rc::gen::inRange(1U, 9U)};
    const auto dense = sparse_values(*rc::gen::inRange(1U, 40U));
    const ZeroRunBlock block = encode::encode_zero_runs(dense, format);
    RC_ASSERT(encode::decode_zero_runs(block, dense.size(), format) == dense);
    const auto bytes = encode::pack(block, dense.size(), format);
    RC_ASSERT(bytes.size() == (encode::block_bits(block.values.size(), dense.size(), format) + 7) / 8);
    RC_ASSERT(encode::unpack(bytes, dense.size(), format, true) == block);
  }));
}

TEST_CASE("A block stores the non-zero values and one placeholder for each full run before one of them") {
  CHECK(rc::check([] {
    const ZeroRunFormat format{8, *rc::gen::inRange(1U, 6U)};
    const auto dense = sparse_values(*rc::gen::inRange(1U, 40U));
    std::size_t expected = 0, zeros = 0;
    for (const std::int32_t value : dense) {
      if (value == 0) {
        ++zeros;
      } else {
        expected += 1 + zeros / (std::size_t{1} << format.run_bits);
        zeros = 0;
      }
    }
    RC_ASSERT(encode::encode_zero_runs(dense, format).values.size() == expected);
  }));
}

TEST_CASE("Any bytes are a block or bad input") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& bytes) {
    const auto size = *rc::gen::inRange<std::size_t>(0, 300);
    const ZeroRunFormat format{8, 4};
    try {
      const auto dense = encode::decode_zero_runs(encode::unpack(bytes, size, format, true), size, format);
      RC_ASSERT(dense.size() == size);
    } catch (const Error& error) {
      RC_ASSERT(error.status() == Status::bad_input);
    }
  }));
}

TEST_CASE("By hand: 15 zeros fit a run of 4 bits, 16 take a placeholder") {
  std::vector<std::int32_t> dense(16, 0);
  dense[15] = 7;
  CHECK(encode::encode_zero_runs(dense, {8, 4}) == ZeroRunBlock{{7}, {15}});
  dense.insert(dense.begin(), 0);
  CHECK(encode::encode_zero_runs(dense, {8, 4}) == ZeroRunBlock{{0, 7}, {15, 0}});
  dense.resize(40);  // zeros behind the last value are not stored
  CHECK(encode::encode_zero_runs(dense, {8, 4}).values.size() == 2);
  CHECK(encode::block_bits(2, 40, {8, 4}) == 6 + 2 * 12);
}

TEST_CASE("Damaged blocks are refused") {
  const auto refusal = [](const ZeroRunBlock& block, std::size_t size) {
    return test::bad_input([&] { (void)encode::decode_zero_runs(block, size, {8, 4}); });
  };
  CHECK(refusal({{1, 2}, {0}}, 4).find("differ in number") != std::string::npos);
  CHECK(refusal({{1}, {16}}, 40).find("a run of 16") != std::string::npos);
  CHECK(refusal({{1, 2}, {3, 3}}, 7).find("more values than the 7") != std::string::npos);
  CHECK(test::bad_input([] {
          (void)encode::unpack(std::vector<std::uint8_t>{0xFF}, 40, {8, 4}, true);
        }).find("do not fit") != std::string::npos);
}
