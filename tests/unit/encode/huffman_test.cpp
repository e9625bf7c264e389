// Bit strings and canonical Huffman codes.
#include "workloads/encode/huffman.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "../../support/errors.h"

using namespace rebasis;
using namespace rebasis::encode;

namespace {

using Frequencies = std::vector<std::uint64_t>;
using Lengths = std::vector<std::uint8_t>;

/// Cheapest complete prefix code by trying every combination of lengths 1..limit with Kraft sum <= 1.
std::uint64_t cheapest_by_force(const Frequencies& frequencies, int limit) {
  std::uint64_t best = UINT64_MAX;
  const std::function<void(std::size_t, std::uint64_t, std::uint64_t)> try_symbol =
      [&](std::size_t s, std::uint64_t kraft, std::uint64_t cost) {
        if (kraft > std::uint64_t{1} << limit || cost >= best) return;
        if (s == frequencies.size()) {
          best = cost;
          return;
        }
        for (int length = 1; length <= limit; ++length) {
          try_symbol(s + 1, kraft + (std::uint64_t{1} << (limit - length)),
                     cost + frequencies[s] * static_cast<std::uint64_t>(length));
        }
      };
  try_symbol(0, 0, 0);
  return best;
}

}  // namespace

TEST_CASE("bits are packed lowest first and padded at the end only") {
  BitWriter writer;
  writer.write(0b101, 3);
  writer.write_bit(true);
  writer.write(0b110011, 6);
  CHECK(writer.bits() == 10);
  const std::vector<std::uint8_t> bytes = writer.take();
  CHECK(bytes == std::vector<std::uint8_t>{0b00111101, 0b00000011});
  BitReader reader(bytes);
  CHECK(reader.read(3) == 0b101);
  CHECK(reader.read_bit());
  CHECK(reader.read(6) == 0b110011);
  CHECK(reader.position() == 10);
  CHECK(reader.size() == 16);
  CHECK(reader.read(32) == 0);  // behind the end
  CHECK(reader.position() > reader.size());
}

TEST_CASE("code lengths of a textbook example") {
  // 1, 1, 2, 3, 5: the Fibonacci chain gives one symbol of each length and two of the longest.
  CHECK(code_lengths(Frequencies{1, 1, 2, 3, 5}) == Lengths{4, 4, 3, 2, 1});
  CHECK(code_lengths(Frequencies{7, 0, 7, 7, 7}) == Lengths{2, 0, 2, 2, 2});
}

TEST_CASE("empty and one-symbol codes") {
  CHECK(code_lengths(Frequencies{0, 0, 0}) == Lengths{0, 0, 0});
  CHECK(code_lengths(Frequencies{0, 9, 0}) == Lengths{0, 1, 0});
  CHECK(code_lengths(Frequencies{}).empty());
  const Lengths one{0, 1, 0};
  BitWriter writer;
  HuffmanEncoder encoder(one);
  for (int i = 0; i < 5; ++i) encoder.write(writer, 1);
  const auto bytes = writer.take();
  CHECK(bytes == std::vector<std::uint8_t>{0});
  HuffmanDecoder decoder(one);
  BitReader reader(bytes);
  for (int i = 0; i < 5; ++i) CHECK(decoder.read(reader) == 1);
  const std::vector<std::uint8_t> ones{0xFF};
  BitReader foreign(ones);
  CHECK(decoder.read(foreign) == -1);
}

TEST_CASE("lengths are optimal within the limit: every small alphabet against brute force") {
  for (int limit = 2; limit <= 4; ++limit) {
    for (std::uint64_t code = 0; code < 5 * 5 * 5 * 5; ++code) {
      const Frequencies frequencies{1 + code % 5 * code % 5, 1 + code / 5 % 5 * 3, 1 + code / 25 % 5 * 7,
                                    1 + code / 125 * 11};
      const Lengths lengths = code_lengths(frequencies, limit);
      CHECK(*std::max_element(lengths.begin(), lengths.end()) <= limit);
      REQUIRE(coded_bits(frequencies, lengths) == cheapest_by_force(frequencies, limit));
    }
  }
}

TEST_CASE("a Fibonacci alphabet would need 45 bits and is held to the limit of 32") {
  Frequencies frequencies{1, 1};
  while (frequencies.size() < 46) frequencies.push_back(frequencies.end()[-1] + frequencies.end()[-2]);
  const Lengths lengths = code_lengths(frequencies);
  CHECK(*std::max_element(lengths.begin(), lengths.end()) <= max_code_length);
  std::uint64_t kraft = 0;
  for (const auto length : lengths) kraft += std::uint64_t{1} << (max_code_length - length);
  CHECK(kraft == std::uint64_t{1} << max_code_length);
  BitWriter writer;
  const HuffmanEncoder encoder(lengths);
  for (std::size_t s = 0; s < lengths.size(); ++s) encoder.write(writer, s);
  const auto bytes = writer.take();
  BitReader reader(bytes);
  const HuffmanDecoder decoder(lengths);
  for (std::size_t s = 0; s < lengths.size(); ++s) CHECK(decoder.read(reader) == static_cast<int>(s));
}

TEST_CASE("canonical codewords are written most significant bit first") {
  // Lengths 2, 1, 2: symbol 1 is 0, symbol 0 is 10, symbol 2 is 11.
  const HuffmanEncoder encoder(Lengths{2, 1, 2});
  BitWriter writer;
  encoder.write(writer, 0);  // 1, 0
  encoder.write(writer, 1);  // 0
  encoder.write(writer, 2);  // 1, 1
  CHECK(writer.take() == std::vector<std::uint8_t>{0b00011001});
}

TEST_CASE("lengths that are no complete prefix code are refused") {
  CHECK(test::bad_input([] { HuffmanDecoder(Lengths{1, 1, 1}); }).find("Kraft") != std::string::npos);
  CHECK(test::bad_input([] { HuffmanDecoder(Lengths{2, 2}); }).find("Kraft") != std::string::npos);
  CHECK(test::bad_input([] { HuffmanDecoder(Lengths{2}); }).find("Kraft") != std::string::npos);
  CHECK(test::bad_input([] { HuffmanDecoder(Lengths{33}); }).find("33") != std::string::npos);
}
