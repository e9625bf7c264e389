// The bit strings of a SmartDeal layer must agree with each other: row index -> number of element-index bits -> number
// of coefficients -> bits of code. After this a decoder can run over them without leaving a tensor.
#include <algorithm>
#include <cstdint>
#include <numeric>

#include "workloads/trace/bit_string.h"
#include "workloads/trace/check_layer.h"
#include "workloads/trace/layer_limits.h"

namespace rebasis::trace {
namespace {

/// Non-zero coefficients of each filter.
std::vector<std::int64_t> count_coefficients(const LayerTensors& tensors) {
  const auto filters = static_cast<std::uint64_t>(tensors.layer().shape.M);
  const auto rows = static_cast<std::uint64_t>(tensors.layer().smartdeal.rows);
  const auto n = static_cast<std::uint64_t>(tensors.layer().smartdeal.n);
  const BitString row_index = require_bits(tensors, "row_index", filters * rows);
  const std::uint64_t kept = static_cast<std::uint64_t>(row_index.ones(0, filters * rows));
  const BitString element_index = require_bits(tensors, "element_index", kept * n);
  for (std::uint64_t row = 0; row < kept; ++row) {
    if (element_index.ones(row * n, (row + 1) * n) == 0)
      tensors.fail("a row marked as non-zero has no non-zero element");
  }
  std::vector<std::int64_t> counts;
  std::uint64_t begin = 0;
  for (std::uint64_t filter = 0; filter < filters; ++filter) {
    const std::uint64_t end =
        begin + n * static_cast<std::uint64_t>(row_index.ones(filter * rows, (filter + 1) * rows));
    counts.push_back(element_index.ones(begin, end));
    begin = end;
  }
  return counts;
}

/// Shortest and longest code; both 0 when no symbol has one.
struct CodeRange {
  std::int64_t shortest = 0, longest = 0;
};

/// A prefix code with these lengths exists if and only if the sum of 2^-length is at most 1 (Kraft); it is complete, so
/// that every bit string decodes, if the sum is 1. A code of one symbol has one bit and is the exception.
CodeRange check_code_lengths(const LayerTensors& tensors) {
  const auto symbols = static_cast<std::int64_t>(2 * tensors.layer().smartdeal.exponents.size());
  std::uint64_t kraft = 0;
  CodeRange range;
  for (const std::uint8_t length : tensors.require("code_lengths", DType::u8, {symbols}).as<std::uint8_t>()) {
    if (length > max_code_length) tensors.fail("a code length exceeds " + std::to_string(max_code_length) + " bits");
    if (length == 0) continue;
    kraft += std::uint64_t{1} << (max_code_length - length);
    range.shortest = range.shortest == 0 ? length : std::min<std::int64_t>(range.shortest, length);
    range.longest = std::max<std::int64_t>(range.longest, length);
  }
  constexpr std::uint64_t one = std::uint64_t{1} << max_code_length;
  if (kraft != 0 && kraft != one && !(range.longest == 1 && kraft == one / 2)) {
    tensors.fail("the code lengths belong to no complete prefix code (the Kraft sum is not 1)");
  }
  return range;
}

void check_codes(const LayerTensors& tensors, const std::vector<std::int64_t>& counts) {
  const CodeRange range = check_code_lengths(tensors);
  const auto filter_bits = tensors.require("filter_bits", DType::u32, {tensors.layer().shape.M}).as<std::uint32_t>();
  std::uint64_t total = 0;
  for (std::size_t filter = 0; filter < filter_bits.size(); ++filter) {
    const auto bits = static_cast<std::int64_t>(filter_bits[filter]);
    if (bits < counts[filter] * range.shortest || bits > counts[filter] * range.longest ||
        (counts[filter] > 0 && range.longest == 0)) {
      tensors.fail("filter " + std::to_string(filter) + " has " + std::to_string(counts[filter]) + " coefficients in " +
                   std::to_string(bits) + " bits, which its code cannot give");
    }
    total += filter_bits[filter];
  }
  (void)require_bits(tensors, "coefficients", total);
}

}  // namespace

void check_smartdeal(const LayerTensors& tensors) {
  const LayerInfo& layer = tensors.layer();
  const SmartDealInfo& info = layer.smartdeal;
  const auto slices = static_cast<std::int64_t>(info.slice_rows.size());
  (void)tensors.require("basis", DType::i8, {layer.shape.M, slices, info.n, info.n});
  (void)tensors.require("basis_shift", DType::i8, {layer.shape.M});
  check_codes(tensors, count_coefficients(tensors));
}

}  // namespace rebasis::trace
