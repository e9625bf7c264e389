// A canonical Huffman code of integers, and its table in the bit string.
#pragma once

#include <optional>

#include "workloads/encode/coders/part_bits.h"
#include "workloads/encode/huffman.h"

namespace rebasis::encode {

/// How often each integer from `low` on occurs; the first and the last do.
struct Histogram {
  std::int32_t low = 0;
  std::vector<std::uint64_t> counts;
};
/// At least one value; at most 2^16 from the smallest to the largest.
[[nodiscard]] Histogram histogram(std::span<const std::int32_t> values);

/// The code is optimal. An integer that is the only one takes no bits.
class IntegerCode {
 public:
  explicit IntegerCode(const Histogram& histogram);
  /// Reads a table; Error(bad_input) when it is none.
  IntegerCode(PartReader& in, int bits);

  /// Table: smallest and largest integer in `bits` bits of two's complement each; when they differ, the width w of a
  /// length (3 bits), and from the smallest to the largest a bit that says whether it occurs and, if so, the length of
  /// its codeword less one in w bits.
  void write_table(PartWriter& out, int bits) const;
  [[nodiscard]] std::uint64_t table_bits(int bits) const;

  [[nodiscard]] std::uint64_t coded_bits(const Histogram& histogram) const;
  /// Fewest bits of a codeword: 0 for a single integer, else 1.
  [[nodiscard]] int shortest() const { return lengths_.size() == 1 ? 0 : 1; }
  [[nodiscard]] std::int32_t low() const { return low_; }
  [[nodiscard]] std::int32_t high() const { return low_ + static_cast<std::int32_t>(lengths_.size()) - 1; }

  void write(PartWriter& out, std::span<const std::int32_t> values) const;
  /// Fills `values`.
  void read(PartReader& in, std::span<std::int32_t> values) const;

 private:
  [[nodiscard]] int length_bits() const;
  std::int32_t low_ = 0;
  std::vector<std::uint8_t> lengths_;  ///< of low_, low_ + 1, ...; {0}: a single integer
};

}  // namespace rebasis::encode
