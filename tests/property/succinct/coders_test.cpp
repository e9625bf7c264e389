// The succinct coders: decode(encode(x)) = x, parts that add up, and strangers' bytes.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "tests/support/dice.h"
#include "tests/support/errors.h"
#include "workloads/encode/coders/coder.h"

using namespace rebasis;
using encode::WeightMatrix;
using test::Dice;

namespace {

WeightMatrix random_matrix(Dice& dice) {
  WeightMatrix matrix{dice.between(0, 9), dice.between(0, 50), static_cast<int>(dice.between(1, 16)), {}};
  const std::int64_t end = std::int64_t{1} << (matrix.bits - 1);
  const double density = dice.pick<double>({0.0, 0.05, 0.3, 1.0});
  matrix.values.resize(static_cast<std::size_t>(matrix.rows * matrix.columns));
  for (std::int32_t& value : matrix.values) {
    value = dice.chance(density) ? static_cast<std::int32_t>(dice.between(-end, end - 1)) : 0;
  }
  return matrix;
}

const std::vector<std::string> names = {"succinct-element", "succinct-block"};

}  // namespace

TEST_CASE("decode(encode(x)) = x, and the parts are all of the bytes") {
  CHECK(rc::check([](std::uint64_t seed) {
    Dice dice(seed);
    const WeightMatrix matrix = random_matrix(dice);
    for (const std::string& name : names) {
      const auto coder = encode::CoderRegistry::global().create(name);
      const encode::CodedMatrix coded = coder->encode(matrix);
      RC_ASSERT(coder->decode(coded.bytes, encode::shape_of(matrix)) == matrix);
      RC_ASSERT(coded.total_bits() == coded.bytes.size() * 8);
    }
  }));
}

TEST_CASE("Damaged bytes are refused or are those of another matrix") {
  CHECK(rc::check([](std::uint64_t seed) {
    Dice dice(seed);
    const WeightMatrix matrix = random_matrix(dice);
    const auto coder = encode::CoderRegistry::global().create(dice.pick(names));
    std::vector<std::uint8_t> bytes = coder->encode(matrix).bytes;
    for (std::int64_t damage = dice.between(1, 3); damage > 0; --damage) {
      const auto i = static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(bytes.size()) - 1));
      switch (dice.between(0, 2)) {
        case 0:
          bytes[i] ^= static_cast<std::uint8_t>(1U << dice.between(0, 7));
          break;
        case 1:
          bytes[i] = static_cast<std::uint8_t>(dice.between(0, 255));
          break;
        default:
          bytes.resize(i + 1);
          break;
      }
    }
    try {
      const WeightMatrix decoded = coder->decode(bytes, encode::shape_of(matrix));
      RC_ASSERT(decoded == matrix || coder->encode(decoded).bytes.size() <= bytes.size());
    } catch (const Error& error) {
      RC_ASSERT(error.status() == Status::bad_input);
    }
  }));
}

TEST_CASE("Any bytes are a coded matrix or bad input") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& bytes) {
    for (const std::string& name : names) {
      try {
        (void)encode::CoderRegistry::global().create(name)->decode(bytes, {3, 5, 8});
      } catch (const Error& error) {
        RC_ASSERT(error.status() == Status::bad_input);
      }
    }
  }));
}

TEST_CASE("Each refusal says what is wrong") {
  const WeightMatrix matrix{2, 3, 8, {1, 0, -5, 0, 0, 9}};
  const auto block = encode::CoderRegistry::global().create("succinct-block");
  const auto element = encode::CoderRegistry::global().create("succinct-element");
  const std::vector<std::uint8_t> bytes = block->encode(matrix).bytes;
  const auto decode = [&](const std::vector<std::uint8_t>& changed, std::int64_t rows, std::int64_t columns) {
    return test::bad_input([&] { (void)block->decode(changed, {rows, columns, 8}); });
  };
  CHECK(decode(bytes, 2, 3) == "(no error)");
  CHECK(decode(bytes, 3, 2) != "(no error)");
  CHECK(decode(bytes, 2, 4) != "(no error)");
  CHECK(decode({}, 2, 3) == "succinct coder: the bytes end too early");
  std::vector<std::uint8_t> longer = bytes;
  longer.push_back(0);
  CHECK(decode(longer, 2, 3).find("not the structure of the weights") != std::string::npos);
  std::vector<std::uint8_t> ranks = bytes;
  ranks.back() ^= 1;  // the rank support of the values
  CHECK(decode(ranks, 2, 3).find("not the structure of the weights") != std::string::npos);
  CHECK(test::bad_input([&] { (void)element->decode(bytes, {2, 3, 8}); }).find("the other kind") != std::string::npos);
}
