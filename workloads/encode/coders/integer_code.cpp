#include "workloads/encode/coders/integer_code.h"

#include <algorithm>

#include "common/error.h"

namespace rebasis::encode {
namespace {

constexpr int width_bits = 3;  ///< of the field that holds the width of a length: at most 5

}  // namespace

Histogram histogram(std::span<const std::int32_t> values) {
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  Histogram result;
  result.low = *least;
  result.counts.resize(static_cast<std::size_t>(*greatest - *least) + 1);
  for (const std::int32_t value : values) ++result.counts[static_cast<std::size_t>(value - result.low)];
  return result;
}

IntegerCode::IntegerCode(const Histogram& histogram) : low_(histogram.low) {
  lengths_ = histogram.counts.size() == 1 ? std::vector<std::uint8_t>{0} : code_lengths(histogram.counts);
}

IntegerCode::IntegerCode(PartReader& in, int bits) : low_(in.read_signed(bits)) {
  const std::int32_t last = in.read_signed(bits);
  if (last < low_) in.refuse("a code of the integers from " + std::to_string(low_) + " to " + std::to_string(last));
  lengths_.resize(static_cast<std::size_t>(last - low_) + 1);
  if (lengths_.size() == 1) return;
  const int width = static_cast<int>(in.read(width_bits));
  if (width > 5) in.refuse("code lengths of " + std::to_string(width) + " bits; at most 5");
  in.expect(lengths_.size());
  for (std::uint8_t& length : lengths_) {
    if (in.bits().read_bit()) length = static_cast<std::uint8_t>(in.read(width) + 1);
  }
  if (lengths_.front() == 0 || lengths_.back() == 0)
    in.refuse("the first or the last integer of a code has no codeword");
}

int IntegerCode::length_bits() const {
  return bits_up_to(static_cast<std::uint64_t>(*std::max_element(lengths_.begin(), lengths_.end()) - 1));
}

void IntegerCode::write_table(PartWriter& out, int bits) const {
  out.write(low_, bits);
  out.write(high(), bits);
  if (lengths_.size() == 1) return;
  const int width = length_bits();
  out.write(width, width_bits);
  for (const std::uint8_t length : lengths_) {
    out.bits().write_bit(length != 0);
    if (length != 0) out.write(length - 1, width);
  }
}

std::uint64_t IntegerCode::table_bits(int bits) const {
  const std::uint64_t range = 2 * static_cast<std::uint64_t>(bits);
  if (lengths_.size() == 1) return range;
  const std::uint64_t used =
      lengths_.size() - static_cast<std::uint64_t>(std::count(lengths_.begin(), lengths_.end(), 0));
  return range + width_bits + lengths_.size() + used * static_cast<std::uint64_t>(length_bits());
}

std::uint64_t IntegerCode::coded_bits(const Histogram& histogram) const {
  return encode::coded_bits(histogram.counts, lengths_);
}

void IntegerCode::write(PartWriter& out, std::span<const std::int32_t> values) const {
  if (lengths_.size() == 1) return;
  const HuffmanEncoder encoder(lengths_);
  for (const std::int32_t value : values) encoder.write(out.bits(), static_cast<std::size_t>(value - low_));
}

void IntegerCode::read(PartReader& in, std::span<std::int32_t> values) const {
  if (lengths_.size() == 1) {
    std::fill(values.begin(), values.end(), low_);
    return;
  }
  const HuffmanDecoder decoder(lengths_);
  for (std::int32_t& value : values) value = low_ + decoder.read(in.bits());
}

}  // namespace rebasis::encode
