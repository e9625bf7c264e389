// The bit string of a coded matrix: parts one behind the other, least significant bit first, padded with zeros to a
// whole byte at its end only. An empty matrix takes no bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "workloads/encode/bit_stream.h"
#include "workloads/encode/coders/coder.h"

namespace rebasis::encode {

/// Writes a bit string and counts the bits of each part.
class PartWriter {
 public:
  /// Bits written from here on belong to `part`.
  void begin(const std::string& part);
  /// The `count` low bits of `bits`, lowest first; 0 <= count <= 32. A negative value gives its two's complement.
  void write(std::int64_t bits, int count) { writer_.write(static_cast<std::uint32_t>(bits), count); }
  [[nodiscard]] BitWriter& bits() { return writer_; }
  [[nodiscard]] CodedMatrix take();

 private:
  void close();
  BitWriter writer_;
  std::string part_;
  std::uint64_t begin_ = 0;
  CodedMatrix coded_;
};

/// Reads what a PartWriter wrote. Every failure is Error(bad_input) that begins with the coder's name.
class PartReader {
 public:
  PartReader(std::span<const std::uint8_t> bytes, std::string coder) : reader_(bytes), coder_(std::move(coder)) {}

  [[nodiscard]] std::uint32_t read(int count) { return reader_.read(count); }
  [[nodiscard]] std::int32_t read_signed(int count) {
    const std::int64_t sign = std::int64_t{1} << (count - 1);
    return static_cast<std::int32_t>((std::int64_t{reader_.read(count)} ^ sign) - sign);
  }
  [[nodiscard]] BitReader& bits() { return reader_; }
  /// Fails unless `bits` more bits are there: before a loop over them, so that few bytes never cost much.
  void expect(std::uint64_t bits) const;
  /// Fails unless all was read, up to a padding of less than a byte, which must be zero.
  void finish();
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  BitReader reader_;
  std::string coder_;
};

/// Bits that hold 0 .. `largest`.
[[nodiscard]] constexpr int bits_up_to(std::uint64_t largest) { return static_cast<int>(std::bit_width(largest)); }

/// The non-zero values, `bits` each, in order.
void write_nonzeros(PartWriter& out, std::span<const std::int32_t> values, int bits);
/// Puts values in place of what is not zero in `places`; a value of zero is refused.
void read_nonzeros(PartReader& in, std::span<std::int32_t> places, int bits);

[[nodiscard]] std::uint64_t count_nonzeros(std::span<const std::int32_t> values);
/// Zeros before each non-zero value, since the one before it or the start.
[[nodiscard]] std::vector<std::uint32_t> zero_gaps(std::span<const std::int32_t> values);

}  // namespace rebasis::encode
