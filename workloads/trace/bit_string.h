// The bit strings of a trace as its checks read them.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>

#include "workloads/trace/check_layer.h"

namespace rebasis::trace {

/// Bits of a packed string, least significant first.
class BitString {
 public:
  explicit BitString(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint64_t size() const { return std::uint64_t{8} * bytes_.size(); }
  [[nodiscard]] bool bit(std::uint64_t i) const { return ((bytes_[i / 8] >> (i % 8)) & 1) != 0; }

  /// Number of ones among bits [begin, end).
  [[nodiscard]] std::int64_t ones(std::uint64_t begin, std::uint64_t end) const {
    std::int64_t count = 0;
    while (begin < end && begin % 8 != 0) count += bit(begin++) ? 1 : 0;
    while (end > begin && end % 8 != 0) count += bit(--end) ? 1 : 0;
    for (std::uint64_t i = begin / 8; i < end / 8; ++i) count += std::popcount(bytes_[i]);
    return count;
  }

  /// Whether the bits from `end` on are zero.
  [[nodiscard]] bool clear_from(std::uint64_t end) const { return ones(end, size()) == 0; }

 private:
  std::span<const std::uint8_t> bytes_;
};

/// The part as a string of `bits` bits; fails when it is missing, of another size, or has padding that is not zero.
inline BitString require_bits(const LayerTensors& tensors, const char* part, std::uint64_t bits) {
  const auto bytes = static_cast<std::int64_t>((bits + 7) / 8);
  const BitString string(tensors.require(part, DType::u8, {bytes}).as<std::uint8_t>());
  if (!string.clear_from(bits)) tensors.fail(std::string("padding bits of ") + part + " are not zero");
  return string;
}

}  // namespace rebasis::trace
