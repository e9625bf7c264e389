// Step-indexed sparse vectors (Cambricon-X, MICRO 2016): each kept value carries its distance to the value kept before
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rebasis::encode {

/// Longest distance that an index of `bits` bits expresses: 1 .. 2^bits are stored as 0 .. 2^bits - 1.
[[nodiscard]] constexpr std::int64_t longest_step(int bits) { return std::int64_t{1} << bits; }

/// Calls `keep(position, value)` for what the encoding keeps of `dense`, in ascending position: every non-zero value
/// and, where the distance to the next is longer than `longest`, placeholders of value 0 at the longest distance.
template <class Keep>
void for_each_kept(std::span<const std::int8_t> dense, std::int64_t longest, Keep&& keep) {
  std::int64_t previous = -1;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(dense.size()); ++i) {
    const std::int8_t value = dense[static_cast<std::size_t>(i)];
    if (value == 0) continue;
    for (; i - previous > longest; previous += longest) keep(previous + longest, std::int8_t{0});
    keep(i, value);
    previous = i;
  }
}

/// A vector as two parallel streams. The first step counts from the position before the vector; what follows the last
/// kept value is 0.
struct StepIndexed {
  int step_bits = 4;
  std::vector<std::int8_t> values;  ///< kept values, placeholders (0) among them
  std::vector<std::uint8_t> steps;  ///< bit string, `step_bits` a value, each step less one
  [[nodiscard]] std::uint64_t index_bits() const { return values.size() * static_cast<std::uint64_t>(step_bits); }
};

/// 1 <= step_bits <= 16.
[[nodiscard]] StepIndexed encode_steps(std::span<const std::int8_t> dense, int step_bits);

/// The vector of `length` values. Throws Error(bad_input) when the streams do not belong together or step past the end.
[[nodiscard]] std::vector<std::int8_t> decode_steps(const StepIndexed& encoded, std::size_t length);

/// The distance of each value to the one before it. Throws Error(bad_input) when the index is too short or too long.
[[nodiscard]] std::vector<std::uint32_t> unpack_steps(const StepIndexed& encoded);

}  // namespace rebasis::encode
