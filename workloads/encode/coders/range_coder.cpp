#include "workloads/encode/coders/range_coder.h"

#include "common/error.h"

namespace rebasis::encode {
namespace {

constexpr std::uint32_t least_range = std::uint32_t{1} << 24;
/// The last byte that is written settles the interval; the decoder's register holds this many zero bytes behind it.
constexpr std::size_t bytes_behind = 3;

/// Where the interval of `range` is cut: the part below it stands for 1.
std::uint32_t part_of_one(std::uint32_t range, const AdaptiveBit& model) {
  return static_cast<std::uint32_t>((std::uint64_t{range} * model.of_one()) >> 16);
}

}  // namespace

void RangeEncoder::encode(bool bit, AdaptiveBit& model) {
  const std::uint32_t part = part_of_one(range_, model);
  if (bit) {
    range_ = part;
  } else {
    low_ += part;
    range_ -= part;
  }
  model.update(bit);
  normalise();
}

void RangeEncoder::encode_even(std::uint32_t bits, int count) {
  for (int i = count - 1; i >= 0; --i) {
    range_ >>= 1;
    if (((bits >> i) & 1U) != 0) low_ += range_;
    normalise();
  }
}

void RangeEncoder::normalise() {
  while (range_ < least_range) {
    range_ <<= 8;
    shift_low();
  }
}

void RangeEncoder::shift_low() {
  const bool carry = (low_ >> 32) != 0;
  const auto top = static_cast<std::uint8_t>(low_ >> 24);
  if (top == 0xFF && !carry) {
    ++pending_;  // a carry would run through it
  } else {
    if (!first_) bytes_.push_back(static_cast<std::uint8_t>(cache_ + (carry ? 1 : 0)));
    bytes_.insert(bytes_.end(), pending_, carry ? 0x00 : 0xFF);
    first_ = false;
    pending_ = 0;
    cache_ = top;
  }
  low_ = (low_ & (least_range - 1)) << 8;
}

std::vector<std::uint8_t> RangeEncoder::finish() {
  // The range is at least 2^24, so the interval holds a number of which only the highest byte is not zero.
  low_ = (low_ + least_range - 1) & ~std::uint64_t{least_range - 1};
  shift_low();
  low_ = 0;
  shift_low();  // writes what is held back
  return std::move(bytes_);
}

RangeDecoder::RangeDecoder(std::span<const std::uint8_t> bytes) : bytes_(bytes) {
  for (int i = 0; i < 4; ++i) code_ = (code_ << 8) | next();
  if (code_ >= range_) fail_input("arithmetic: the bytes are no range code");
}

bool RangeDecoder::decode(AdaptiveBit& model) {
  const std::uint32_t part = part_of_one(range_, model);
  const bool bit = code_ < part;
  if (bit) {
    range_ = part;
  } else {
    code_ -= part;
    range_ -= part;
  }
  model.update(bit);
  normalise();
  return bit;
}

std::uint32_t RangeDecoder::decode_even(int count) {
  std::uint32_t bits = 0;
  for (int i = 0; i < count; ++i) {
    range_ >>= 1;
    const bool bit = code_ >= range_;
    if (bit) code_ -= range_;
    bits = (bits << 1) | (bit ? 1U : 0U);
    normalise();
  }
  return bits;
}

void RangeDecoder::normalise() {
  while (range_ < least_range) {
    range_ <<= 8;
    code_ = (code_ << 8) | next();
  }
}

std::uint8_t RangeDecoder::next() {
  if (position_ >= bytes_.size() + bytes_behind) fail_input("arithmetic: the bytes end too early");
  const std::uint8_t byte = position_ < bytes_.size() ? bytes_[position_] : std::uint8_t{0};
  ++position_;
  return byte;
}

void RangeDecoder::finish() const {
  if (position_ != bytes_.size() + bytes_behind) fail_input("arithmetic: more bytes than the values need");
  if (code_ >= least_range) fail_input("arithmetic: the last byte is not the one that ends the values");
}

}  // namespace rebasis::encode
