#include "workloads/encode/coders/part_bits.h"

#include <algorithm>

#include "common/error.h"

namespace rebasis::encode {

void PartWriter::begin(const std::string& part) {
  close();
  part_ = part;
}

void PartWriter::close() {
  if (!part_.empty()) coded_.bits[part_] += writer_.bits() - begin_;
  begin_ = writer_.bits();
}

CodedMatrix PartWriter::take() {
  close();
  coded_.bytes = writer_.take();
  return std::move(coded_);
}

void PartReader::expect(std::uint64_t bits) const {
  if (reader_.position() > reader_.size() || bits > reader_.size() - reader_.position()) {
    refuse("the bytes end too early: " + std::to_string(reader_.size() / 8) + ", and " + std::to_string(bits) +
           " more bits are needed from bit " + std::to_string(reader_.position()));
  }
}

void PartReader::finish() {
  expect(0);
  const std::uint64_t left = reader_.size() - reader_.position();
  if (left >= 8) refuse(std::to_string(left / 8) + " bytes too many");
  if (reader_.read(static_cast<int>(left)) != 0) refuse("padding bits are not zero");
}

void PartReader::refuse(const std::string& what) const { fail_input(coder_ + ": " + what); }

void write_nonzeros(PartWriter& out, std::span<const std::int32_t> values, int bits) {
  for (const std::int32_t value : values) {
    if (value != 0) out.write(value, bits);
  }
}

void read_nonzeros(PartReader& in, std::span<std::int32_t> places, int bits) {
  for (std::int32_t& place : places) {
    if (place == 0) continue;
    place = in.read_signed(bits);
    if (place == 0) in.refuse("a value that the index calls non-zero is zero");
  }
}

std::uint64_t count_nonzeros(std::span<const std::int32_t> values) {
  return values.size() - static_cast<std::uint64_t>(std::count(values.begin(), values.end(), 0));
}

std::vector<std::uint32_t> zero_gaps(std::span<const std::int32_t> values) {
  std::vector<std::uint32_t> gaps;
  std::uint32_t zeros = 0;
  for (const std::int32_t value : values) {
    if (value == 0) {
      ++zeros;
    } else {
      gaps.push_back(zeros);
      zeros = 0;
    }
  }
  return gaps;
}

}  // namespace rebasis::encode
