// SCNN's compressed form: each stored value carries the number of zeros before it. A run that does not fit takes
// placeholders: stored zeros, each of which stands for the longest run and itself (SCNN, ISCA 2017: 4-bit runs).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rebasis::encode {

/// Widths of the stored fields.
struct ZeroRunFormat {
  unsigned value_bits = 8;
  unsigned run_bits = 4;
  [[nodiscard]] std::size_t longest_run() const { return (std::size_t{1} << run_bits) - 1; }
};

/// A block of values; its size before compression is known from elsewhere. Zeros after the last value are not stored.
struct ZeroRunBlock {
  std::vector<std::int32_t> values;  ///< 0: a placeholder
  std::vector<std::uint32_t> runs;   ///< zeros before each
  bool operator==(const ZeroRunBlock&) const = default;
};

[[nodiscard]] ZeroRunBlock encode_zero_runs(std::span<const std::int32_t> dense, const ZeroRunFormat& format);
/// Throws Error(bad_input) when the block does not decode to `size` values.
[[nodiscard]] std::vector<std::int32_t> decode_zero_runs(const ZeroRunBlock& block, std::size_t size,
                                                         const ZeroRunFormat& format);

/// Placeholders that `zeros` zeros before a value need.
[[nodiscard]] inline std::size_t placeholders(std::size_t zeros, const ZeroRunFormat& format) {
  return zeros / (format.longest_run() + 1);
}

/// Bits of a block's header, the number of stored values of at most `size`.
[[nodiscard]] std::size_t header_bits(std::size_t size);
/// Bits of a block of `stored` values out of `size`, with its header.
[[nodiscard]] inline std::size_t block_bits(std::size_t stored, std::size_t size, const ZeroRunFormat& format) {
  return header_bits(size) + stored * (format.value_bits + format.run_bits);
}

/// The block as it lies in memory: header, then (run, value) pairs, each least significant bit first, padded to a byte.
[[nodiscard]] std::vector<std::uint8_t> pack(const ZeroRunBlock& block, std::size_t size, const ZeroRunFormat& format);
/// Throws Error(bad_input) when the bytes are not a block of `size` values. Values are signed when `is_signed`.
[[nodiscard]] ZeroRunBlock unpack(std::span<const std::uint8_t> bytes, std::size_t size, const ZeroRunFormat& format,
                                  bool is_signed);

}  // namespace rebasis::encode
