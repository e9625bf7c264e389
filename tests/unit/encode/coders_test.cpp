// Layouts worked out by hand (bit strings with the first bit first), the range coder, and which integers of a trace's
// layer are coded.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/dice.h"
#include "tests/support/errors.h"
#include "tests/support/sample_trace.h"
#include "workloads/encode/coders/coder.h"
#include "workloads/encode/coders/layer_matrix.h"
#include "workloads/encode/coders/range_coder.h"

using namespace rebasis;
using namespace rebasis::encode;
using test::bad_input;

namespace {

using Bytes = std::vector<std::uint8_t>;
using Parts = std::map<std::string, std::uint64_t>;

/// 0 3 0 0 / 0 0 0 -2, 3 bits a value: 3 is 011, -2 is 110.
const WeightMatrix small{2, 4, 3, {0, 3, 0, 0, 0, 0, 0, -2}};

CodedMatrix coded(const char* coder, const WeightMatrix& matrix = small) {
  return CoderRegistry::global().create(coder)->encode(matrix);
}

/// "0" and "1", a byte's lowest bit first.
std::string bits_of(const CodedMatrix& matrix) {
  std::string text;
  for (const std::uint8_t byte : matrix.bytes) {
    for (int i = 0; i < 8; ++i) text += (byte >> i & 1) != 0 ? '1' : '0';
  }
  return text;
}

std::string stripped(std::string bits) {
  bits.erase(std::remove(bits.begin(), bits.end(), ' '), bits.end());
  return bits;
}

void check_refused(const char* coder, const std::string& bits, const std::string& message) {
  const auto decoder = CoderRegistry::global().create(coder);
  const std::string text = stripped(bits);
  Bytes bytes((text.size() + 7) / 8);
  for (std::size_t i = 0; i < text.size(); ++i) bytes[i / 8] |= static_cast<std::uint8_t>((text[i] - '0') << (i % 8));
  const std::string error = bad_input([&] { (void)decoder->decode(bytes, shape_of(small)); });
  CHECK_MESSAGE(error.find(message) != std::string::npos, error);
}

}  // namespace

TEST_CASE("dense and direct-index") {
  CHECK(bits_of(coded("dense")) == stripped("000 110 000 000 000 000 000 011"));
  CHECK(coded("dense").bits == Parts{{"values", 24}});
  CHECK(bits_of(coded("direct-index")) == stripped("0100 0001 110 011 00"));
  CHECK(coded("direct-index").bits == Parts{{"index", 8}, {"values", 6}});
}

TEST_CASE("bitmap-values") {
  // Blocks of 2: 1001 and two bitmaps of 2 bits, 8 bits; whole rows: 11 and two of 4, 10 bits.
  CHECK(bits_of(coded("bitmap-values")) == stripped("010 1001 01 01 110 011 0000000"));
  CHECK(coded("bitmap-values").bits == Parts{{"tables", 3}, {"index", 8}, {"values", 6}});
  check_refused("bitmap-values", "000 1001 01 01 110 011", "blocks of 0 values");
  check_refused("bitmap-values", "101 1001 01 01 110 011", "blocks of 5 values");
  check_refused("bitmap-values", "010 1001 00 01 110 011", "a block that the index calls non-zero is zero");
  check_refused("bitmap-values", "010 1001 01 01 000 011", "a value that the index calls non-zero is zero");
}

TEST_CASE("run-length") {
  // Gaps 1 and 5. Runs of 1 bit: the gap of 5 takes two fillers, 4 x 4 bits; of 2: one filler, 3 x 5; of 3 bits: 2 x 6.
  CHECK(bits_of(coded("run-length")) == stripped("11000000 0100 100 110 101 011"));
  CHECK(coded("run-length").bits == Parts{{"tables", 12}, {"index", 6}, {"values", 6}});
  check_refused("run-length", "10001000 0100 100 110 101 011", "runs of 17 bits");
  check_refused("run-length", "11000000 0100 100 110 111 011", "more values than the 8");
  check_refused("run-length", "", "end too early");
}

TEST_CASE("step-index") {
  // Steps 2 and 4. 2 bits hold steps of 1 to 4: no placeholder; 1 bit takes one, 3 x 4 bits against 2 x 5.
  CHECK(bits_of(coded("step-index")) == stripped("1000 100 100 10 11 110 011 0000"));
  CHECK(coded("step-index").bits == Parts{{"tables", 10}, {"index", 4}, {"values", 6}});
  check_refused("step-index", "1000 010 000 11 10 110 011", "row 0 leave it");
}

TEST_CASE("csr and csc") {
  // 2 of 8 values: 4 bits; row 1 begins at value 1: 2 bits; columns 1 and 3 in 2 bits each.
  CHECK(bits_of(coded("csr")) == stripped("0100 10 10 11 110 011"));
  CHECK(coded("csr").bits == Parts{{"pointers", 6}, {"index", 4}, {"values", 6}});
  // Columns begin at (0,) 0, 1, 1; rows 0 and 1 in a bit each.
  CHECK(bits_of(coded("csc")) == stripped("0100 00 10 10 0 1 110 011 000000"));
  CHECK(coded("csc").bits == Parts{{"pointers", 10}, {"index", 2}, {"values", 6}});
  check_refused("csr", "1111 10 10 11 110 011", "15 non-zeros of 8");
  check_refused("csr", "0100 11 10 11 110 011", "line 1 begins at 3 of 2");
  check_refused("csr", "0100 01 11 10 110 011", "positions ascend");
  check_refused("csr", "0100 10 10 11 000 011", "a stored value is zero");
}

TEST_CASE("huffman") {
  // 0: six times, 3: once, -2: once. Lengths 1, 2, 2; canonical: 0 is 0, -2 is 10, 3 is 11.
  // Table: -2, 3, lengths in 1 bit; -2 has length 2, -1 none, 0 length 1, 1 and 2 none, 3 length 2.
  CHECK(bits_of(coded("huffman")) == stripped("011 110 100 11 0 10 0 0 11 0 11 0 0 0 0 0 10 0000"));
  CHECK(coded("huffman").bits == Parts{{"tables", 18}, {"values", 10}});
  check_refused("huffman", "100 011 100 11 0 10 0 0 11 0 11 0 0 0 0 0 10", "from 1 to -2");
  check_refused("huffman", "011 110 011 11 0 10 0 0 11 0 11 0 0 0 0 0 10", "code lengths of 6 bits");
  check_refused("huffman", "011 110 100 0 0 10 0 0 11 0 11 0 0 0 0 0 10 0", "the first or the last");
  check_refused("huffman", "011 110 100 11 0 11 0 0 11 0 11 0 0 0 0 0 10", "no complete prefix code");
}

TEST_CASE("a matrix of one value takes a table and no codewords") {
  const WeightMatrix constant{3, 5, 8, std::vector<std::int32_t>(15, -7)};
  CHECK(coded("huffman", constant).bits == Parts{{"tables", 16}, {"values", 0}});
  CHECK(coded("huffman-pairs", WeightMatrix{3, 5, 8, std::vector<std::int32_t>(15)}).total_bits() == 4 + 4);
}

TEST_CASE("huffman-pairs has a code for runs and one for values") {
  // Gaps 1, 1, 1, 1, 1, 0: runs of one bit; values 2 (five times) and -1.
  const WeightMatrix matrix{1, 11, 3, {0, 2, 0, 2, 0, 2, 0, 2, 0, 2, -1}};
  // Tables: 4 bits of width, 4 of count; runs 0 to 1: 2 x 2 + 3 + 2 (all lengths are 1: no bits); values -1 to 2:
  // 2 x 3 + 3 + 4. Runs of no bits would take 43 in all: 8 + 2 + 16, and 0 in a bit, 2 and -1 in two.
  CHECK(coded("huffman-pairs", matrix).bits == Parts{{"tables", 8 + 9 + 13}, {"index", 6}, {"values", 6}});
}

TEST_CASE("the arithmetic code's bytes are these on every machine") {
  const WeightMatrix matrix{3, 6, 8, {0, 1, -1, 0, 0, 127, -128, 0, 0, 2, 3, 0, 0, 0, 0, -40, 5, 1}};
  CHECK(coded("arithmetic", matrix).bytes ==
        Bytes{0x91, 0x48, 0x06, 0x7A, 0x44, 0x46, 0xEB, 0x38, 0xDD, 0x3E, 0x8C, 0xDC});
}

TEST_CASE("the range coder carries through any number of bytes, and decisions cost what their probability says") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    test::Dice dice(seed);
    const double ones = dice.pick(std::vector<double>{0, 0.001, 0.5, 0.97, 1});
    const auto count = dice.between(1, 4000);
    std::vector<std::uint32_t> bits;
    for (std::int64_t i = 0; i < count; ++i) bits.push_back(dice.chance(ones) ? 1 : 0);
    RangeEncoder encoder;
    AdaptiveBit model;
    for (std::size_t i = 0; i < bits.size(); ++i) {
      if (i % 7 == 3) {
        encoder.encode_even(bits[i] * 0x1FFFU, 13);  // long rows of ones push the low end of the interval up to a carry
      } else {
        encoder.encode(bits[i] != 0, model);
      }
    }
    const Bytes bytes = encoder.finish();
    RangeDecoder decoder(bytes);
    AdaptiveBit again;
    for (std::size_t i = 0; i < bits.size(); ++i) {
      if (i % 7 == 3) {
        REQUIRE(decoder.decode_even(13) == bits[i] * 0x1FFFU);
      } else {
        REQUIRE(decoder.decode(again) == (bits[i] != 0));
      }
    }
    decoder.finish();
    if (ones == 0 || ones == 1) CHECK(8 * bytes.size() < 13 * bits.size() / 7 + 60);
  }
}

TEST_CASE("probabilities follow what is seen, and neither bit ever becomes impossible") {
  AdaptiveBit model;
  CHECK(model.of_one() == 0x8000);
  model.update(true);
  CHECK(model.of_one() == doctest::Approx(65536 * (0.5 + 0.5 / 1.5)).epsilon(0.001));  // 5/6
  for (int i = 0; i < 100000; ++i) model.update(true);
  CHECK(model.of_one() > 65000);
  CHECK(model.of_one() <= 65535);
  for (int i = 0; i < 100000; ++i) model.update(false);
  CHECK(model.of_one() >= 1);
  CHECK(model.of_one() < 500);
}

TEST_CASE("what of a layer is coded: weights, or the coefficients of a SmartDeal layer") {
  test::write_sample_trace("sample.trace");
  const trace::TraceReader reader("sample.trace");
  const auto& layers = reader.metadata().layers;
  const WeightMatrix dense = layer_matrix(reader, layers[0]);
  CHECK(dense.rows == 2);
  CHECK(dense.columns == 27);
  CHECK(dense.bits == 8);
  CHECK(dense.values[1] == 37 - 128);
  CHECK(uncoded_bytes(reader, layers[0]) == 8);  // two scales
  // Exponents -1 and 0 are symbols 1 and 2: Ce is -1 0 / 0 0 and 0 0 / 2 -1; -2 .. 2 takes 3 bits.
  CHECK(layer_matrix(reader, layers[1]) == WeightMatrix{4, 2, 3, {-1, 0, 0, 0, 0, 0, 2, -1}});
  CHECK(uncoded_bytes(reader, layers[1]) == 8 + 2);  // basis and its shifts

  test::write_ternary_trace("ternary.trace");
  const trace::TraceReader ternary("ternary.trace");
  CHECK(layer_matrix(ternary, ternary.metadata().layers[0]) == WeightMatrix{2, 9, 2, test::ternary_weights()});
  CHECK(uncoded_bytes(ternary, ternary.metadata().layers[0]) == 4 + 8);  // alpha, a scale a channel
}

TEST_CASE("the width of a value is what the layer was quantised to, or more when a value needs it") {
  test::write_wide_trace("wide.trace");  // weights 1 -2 3 -4 5 -6
  const trace::TraceReader reader("wide.trace");
  trace::LayerInfo layer = reader.metadata().layers[0];
  CHECK(layer_matrix(reader, layer).bits == 8);
  layer.statistics["weight_bits"] = 5;
  CHECK(layer_matrix(reader, layer).bits == 5);
  layer.statistics["weight_bits"] = 2;
  CHECK(layer_matrix(reader, layer).bits == 4);
  for (const double bits : {0.0, 17.0, 2.5, -1.0, 1e300}) {
    layer.statistics["weight_bits"] = bits;
    CHECK(bad_input([&] { (void)layer_matrix(reader, layer); }).find("weight_bits") != std::string::npos);
  }
}
