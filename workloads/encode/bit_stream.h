// Bit strings of the trace: least significant bit of byte 0 first, padded with zeros to a whole byte at the end only.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

namespace rebasis::encode {

static_assert(std::endian::native == std::endian::little, "bit strings are read eight bytes at a time, little-endian");

/// Appends bits to a byte vector.
class BitWriter {
 public:
  /// Appends the `count` low bits of `bits`, lowest first; 0 <= count <= 32.
  void write(std::uint32_t bits, int count) {
    const std::uint64_t mask = (std::uint64_t{1} << count) - 1;
    pending_ |= (bits & mask) << pending_bits_;
    pending_bits_ += count;
    bits_ += static_cast<std::uint64_t>(count);
    while (pending_bits_ >= 8) flush_byte();
  }
  void write_bit(bool bit) { write(bit ? 1U : 0U, 1); }
  /// Bits written so far.
  [[nodiscard]] std::uint64_t bits() const { return bits_; }
  /// Pads the last byte with zeros and hands the bytes over; the writer is empty afterwards.
  [[nodiscard]] std::vector<std::uint8_t> take() {
    if (pending_bits_ > 0) flush_byte();
    pending_ = 0;
    pending_bits_ = 0;
    bits_ = 0;
    return std::exchange(bytes_, {});
  }

 private:
  void flush_byte() {
    bytes_.push_back(static_cast<std::uint8_t>(pending_ & 0xFFU));
    pending_ >>= 8;
    pending_bits_ -= 8;
  }
  std::vector<std::uint8_t> bytes_;
  std::uint64_t pending_ = 0;
  int pending_bits_ = 0;
  std::uint64_t bits_ = 0;
};

/// Reads a bit string. Bits behind the end read as zero; `position() > size()` tells that it happened.
class BitReader {
 public:
  explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes), size_(std::uint64_t{bytes.size()} * 8) {}

  /// The next 32 bits without consuming them, lowest first.
  [[nodiscard]] std::uint32_t peek() const {
    const auto byte = static_cast<std::size_t>(position_ / 8);
    std::uint64_t word = 0;
    if (byte + sizeof(word) <= bytes_.size()) {
      std::memcpy(&word, bytes_.data() + byte, sizeof(word));
    } else if (byte < bytes_.size()) {
      std::memcpy(&word, bytes_.data() + byte, bytes_.size() - byte);
    }
    return static_cast<std::uint32_t>(word >> (position_ % 8));
  }
  void skip(int count) { position_ += static_cast<std::uint64_t>(count); }
  /// The next `count` bits, 0 <= count <= 32.
  std::uint32_t read(int count) {
    const std::uint32_t bits = peek() & static_cast<std::uint32_t>((std::uint64_t{1} << count) - 1);
    skip(count);
    return bits;
  }
  bool read_bit() { return read(1) != 0; }
  [[nodiscard]] std::uint64_t position() const { return position_; }
  /// Bits in the string, padding included.
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::uint64_t size_;
  std::uint64_t position_ = 0;
};

}  // namespace rebasis::encode
