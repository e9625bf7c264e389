#include "workloads/encode/zero_run.h"

#include <bit>

#include "common/error.h"
#include "workloads/encode/bit_stream.h"

namespace rebasis::encode {

ZeroRunBlock encode_zero_runs(std::span<const std::int32_t> dense, const ZeroRunFormat& format) {
  ZeroRunBlock block;
  std::size_t zeros = 0;
  for (const std::int32_t value : dense) {
    if (value == 0) {
      ++zeros;
      continue;
    }
    for (; zeros > format.longest_run(); zeros -= format.longest_run() + 1) {
      block.values.push_back(0);
      block.runs.push_back(static_cast<std::uint32_t>(format.longest_run()));
    }
    block.values.push_back(value);
    block.runs.push_back(static_cast<std::uint32_t>(zeros));
    zeros = 0;
  }
  return block;
}

std::vector<std::int32_t> decode_zero_runs(const ZeroRunBlock& block, std::size_t size, const ZeroRunFormat& format) {
  if (block.values.size() != block.runs.size())
    fail_input("zero-run block: values and runs differ in number; each value has one run");
  std::vector<std::int32_t> dense(size);
  std::size_t position = 0;
  for (std::size_t i = 0; i < block.values.size(); ++i) {
    if (block.runs[i] > format.longest_run()) {
      fail_input("zero-run block: a run of " + std::to_string(block.runs[i]) + "; at most " +
                 std::to_string(format.longest_run()));
    }
    position += block.runs[i];
    if (position >= size) fail_input("zero-run block: more values than the " + std::to_string(size) + " of the block");
    dense[position++] = block.values[i];
  }
  return dense;
}

std::size_t header_bits(std::size_t size) { return static_cast<std::size_t>(std::bit_width(size)); }

std::vector<std::uint8_t> pack(const ZeroRunBlock& block, std::size_t size, const ZeroRunFormat& format) {
  BitWriter writer;
  writer.write(static_cast<std::uint32_t>(block.values.size()), static_cast<int>(header_bits(size)));
  for (std::size_t i = 0; i < block.values.size(); ++i) {
    writer.write(block.runs[i], static_cast<int>(format.run_bits));
    writer.write(static_cast<std::uint32_t>(block.values[i]), static_cast<int>(format.value_bits));
  }
  return writer.take();
}

ZeroRunBlock unpack(std::span<const std::uint8_t> bytes, std::size_t size, const ZeroRunFormat& format,
                    bool is_signed) {
  BitReader reader(bytes);
  const std::size_t stored = reader.read(static_cast<int>(header_bits(size)));
  if (stored > size || block_bits(stored, size, format) > reader.size()) {
    fail_input("zero-run block: " + std::to_string(stored) + " values do not fit; the block ends too early");
  }
  ZeroRunBlock block;
  const std::int64_t sign = std::int64_t{1} << (format.value_bits - 1);
  for (std::size_t i = 0; i < stored; ++i) {
    block.runs.push_back(reader.read(static_cast<int>(format.run_bits)));
    const std::int64_t value = reader.read(static_cast<int>(format.value_bits));
    block.values.push_back(static_cast<std::int32_t>(is_signed ? (value ^ sign) - sign : value));
  }
  return block;
}

}  // namespace rebasis::encode
