// What every registered coder must do: decode what it encoded, and survive any bytes.
#include <doctest/doctest.h>

#include <numeric>

#include "tests/support/errors.h"
#include "tests/support/random_matrix.h"
#include "workloads/encode/coders/coder.h"

using namespace rebasis;
using namespace rebasis::encode;
using test::bad_input;
using test::describe;
using test::random_matrix;

namespace {

/// Calls `check(name, coder)` for every coder.
template <class Check>
void for_each_coder(const Check& check) {
  for (const auto& [name, item] : CoderRegistry::global().items()) {
    const std::string& coder = name;
    CAPTURE(coder);
    check(coder, *item.create());
  }
}

/// Decodes bytes that may be anything: a refusal, or a matrix that is one of the shape and survives a round.
/// Returns whether they were refused.
bool refused(const Coder& coder, std::span<const std::uint8_t> bytes, const MatrixShape& shape) {
  try {
    const WeightMatrix matrix = coder.decode(bytes, shape);
    REQUIRE(matrix.rows == shape.rows);
    REQUIRE(matrix.columns == shape.columns);
    REQUIRE(matrix.bits == shape.bits);
    check_matrix(matrix);
    REQUIRE(coder.decode(coder.encode(matrix).bytes, shape) == matrix);
    return false;
  } catch (const Error& error) {
    REQUIRE(error.status() == Status::bad_input);
    return true;
  }
}

}  // namespace

TEST_CASE("the coders that documentation names are there") {
  for (const char* name : {"arithmetic", "bitmap-values", "csc", "csr", "dense", "direct-index", "huffman",
                           "huffman-pairs", "run-length", "step-index"}) {
    CHECK_MESSAGE(CoderRegistry::global().contains(name), name);
  }
}

TEST_CASE("what is encoded is decoded, and the parts sum to the bytes") {
  for (std::uint64_t seed = 0; seed < 1200; ++seed) {
    const WeightMatrix matrix = random_matrix(seed);
    const std::string what = describe(seed, matrix);
    CAPTURE(what);
    for_each_coder([&](const std::string&, const Coder& coder) {
      const CodedMatrix coded = coder.encode(matrix);
      REQUIRE(coder.decode(coded.bytes, shape_of(matrix)) == matrix);
      REQUIRE(coded.total_bits() <= 8 * coded.bytes.size());
      REQUIRE(coder.encode(matrix).bytes == coded.bytes);
    });
  }
}

TEST_CASE("long zero runs and a million values") {
  WeightMatrix matrix{1000, 1000, 8, std::vector<std::int32_t>(1000000)};
  matrix.values[0] = -128;
  matrix.values[700123] = 127;
  matrix.values[999998] = 1;
  for_each_coder([&](const std::string&, const Coder& coder) {
    REQUIRE(coder.decode(coder.encode(matrix).bytes, shape_of(matrix)) == matrix);
  });
}

TEST_CASE("cut bytes are refused") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const WeightMatrix matrix = random_matrix(seed);
    const std::string what = describe(seed, matrix);
    CAPTURE(what);
    for_each_coder([&](const std::string&, const Coder& coder) {
      const std::vector<std::uint8_t> bytes = coder.encode(matrix).bytes;
      for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 16) {
        CAPTURE(size);
        REQUIRE(refused(coder, std::span(bytes).first(size), shape_of(matrix)));
      }
    });
  }
}

TEST_CASE("bytes too many are refused") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const WeightMatrix matrix = random_matrix(seed);
    const std::string what = describe(seed, matrix);
    CAPTURE(what);
    for_each_coder([&](const std::string&, const Coder& coder) {
      std::vector<std::uint8_t> bytes = coder.encode(matrix).bytes;
      bytes.push_back(0);
      REQUIRE(refused(coder, bytes, shape_of(matrix)));
    });
  }
}

TEST_CASE("flipped bits, other shapes and noise are refused or another matrix") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const WeightMatrix matrix = random_matrix(seed);
    const std::string what = describe(seed, matrix);
    CAPTURE(what);
    for_each_coder([&](const std::string&, const Coder& coder) {
      test::Dice dice(seed);
      std::vector<std::uint8_t> bytes = coder.encode(matrix).bytes;
      MatrixShape other = shape_of(matrix);
      other.rows += dice.between(0, 2);
      other.columns += dice.between(0, 2);
      other.bits = static_cast<int>(dice.between(1, 16));
      (void)refused(coder, bytes, other);
      for (int flip = 0; flip < 8 && !bytes.empty(); ++flip) {
        bytes[static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(bytes.size()) - 1))] ^=
            static_cast<std::uint8_t>(1 << dice.between(0, 7));
        (void)refused(coder, bytes, shape_of(matrix));
      }
      for (auto& byte : bytes) byte = static_cast<std::uint8_t>(dice.between(0, 255));
      (void)refused(coder, bytes, shape_of(matrix));
    });
  }
}

TEST_CASE("shapes that cannot be are refused, with any bytes") {
  const std::vector<MatrixShape> absurd{{-1, 4, 8},
                                        {4, -1, 8},
                                        {4, 4, 0},
                                        {4, 4, 17},
                                        {4, 4, -1},
                                        {std::int64_t{1} << 62, 4, 8},
                                        {1, std::int64_t{1} << 40, 8},
                                        {INT64_MAX, INT64_MAX, 8}};
  for_each_coder([&](const std::string&, const Coder& coder) {
    for (const MatrixShape& shape : absurd) {
      CHECK(bad_input([&] { (void)coder.decode({}, shape); }) != "(no error)");
      CHECK(bad_input([&] { (void)coder.decode(std::vector<std::uint8_t>(40, 0xFF), shape); }) != "(no error)");
    }
  });
}

TEST_CASE("a matrix that is none is refused") {
  for_each_coder([&](const std::string&, const Coder& coder) {
    CHECK(bad_input([&] { (void)coder.encode({2, 2, 8, {1, 2, 3}}); }).find("has 3 values") != std::string::npos);
    CHECK(bad_input([&] { (void)coder.encode({1, 2, 4, {1, 8}}); }).find("8 does not fit") != std::string::npos);
    CHECK(bad_input([&] { (void)coder.encode({1, 2, 4, {-9, 1}}); }).find("-9 does not fit") != std::string::npos);
    CHECK(bad_input([&] { (void)coder.encode({1, 1, 0, {0}}); }).find("0 bits") != std::string::npos);
  });
}
