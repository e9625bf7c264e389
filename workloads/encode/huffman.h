// Canonical Huffman codes for the non-zero coefficients (paper appendix B: "we apply Huffman coding representation").
//
// A code is stored as the length of each symbol's codeword (0: the symbol does not occur). Codewords are assigned in
// canonical order: shorter ones first, then by symbol; the first is all zeros. A codeword is written most significant
// bit first. A code of a single symbol gives it one bit, so that the number of codewords can be counted.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "workloads/encode/bit_stream.h"

namespace rebasis::encode {

inline constexpr int max_code_length = 32;

/// Lengths of an optimal prefix code among those of at most `limit` bits (package-merge, Larmore and Hirschberg 1990).
/// `frequencies`: occurrences of each symbol; symbols that do not occur get length 0. Fails when more than 2^limit
/// occur.
[[nodiscard]] std::vector<std::uint8_t> code_lengths(std::span<const std::uint64_t> frequencies,
                                                     int limit = max_code_length);

/// Bits that the symbols take together.
[[nodiscard]] std::uint64_t coded_bits(std::span<const std::uint64_t> frequencies,
                                       std::span<const std::uint8_t> lengths);

/// Writes symbols of a canonical code.
class HuffmanEncoder {
 public:
  /// Fails with Error(bad_input) when `lengths` is no complete prefix code (Kraft sum 1, or one symbol of one bit, or
  /// none).
  explicit HuffmanEncoder(std::span<const std::uint8_t> lengths);
  /// Appends the codeword of `symbol`; fails when the symbol has none.
  void write(BitWriter& out, std::size_t symbol) const;
  [[nodiscard]] int length(std::size_t symbol) const { return lengths_[symbol]; }

 private:
  std::vector<std::uint8_t> lengths_;
  std::vector<std::uint32_t> reversed_;  ///< codewords with the first bit to write lowest
};

/// Reads symbols of a canonical code: one table look-up for codewords of up to `table_bits` bits, else a canonical
/// search.
class HuffmanDecoder {
 public:
  /// Fails like HuffmanEncoder.
  explicit HuffmanDecoder(std::span<const std::uint8_t> lengths);

  /// The next symbol. Returns -1 at a bit string that is no codeword, which only an empty or one-symbol code has.
  /// Does not check for the end of the string: compare position() with size() afterwards.
  [[nodiscard]] int read(BitReader& in) const {
    const std::uint32_t bits = in.peek();
    const Entry entry = table_[bits & (table_size - 1)];
    if (entry.length != 0) {
      in.skip(entry.length);
      return entry.symbol;
    }
    return read_long(in, bits);
  }

 private:
  static constexpr int table_bits = 10;
  static constexpr std::uint32_t table_size = 1U << table_bits;
  struct Entry {
    std::uint16_t symbol = 0;
    std::uint8_t length = 0;  ///< 0: longer than table_bits, or no codeword
  };
  [[nodiscard]] int read_long(BitReader& in, std::uint32_t bits) const;

  std::array<Entry, table_size> table_{};
  std::array<std::uint64_t, max_code_length + 1> first_code_{};   ///< of each length
  std::array<std::uint32_t, max_code_length + 1> count_{};        ///< codewords of each length
  std::array<std::uint32_t, max_code_length + 1> first_index_{};  ///< into symbols_
  std::vector<std::uint16_t> symbols_;                            ///< canonical order
};

}  // namespace rebasis::encode
