// `bitmap-values`: a bit a block of consecutive values of a row says whether any is non-zero, a bit a value says where
// in the non-zero blocks, then the non-zero values (SmartDeal's two-level index, paper appendix B, for blocks of any
// width). direct-index is its second level without the first.
#include <algorithm>

#include "workloads/encode/coders/part_bits.h"

namespace rebasis::encode {
namespace {

/// Blocks cut each row from its start; the last of a row may be narrower.
std::int64_t blocks_of_row(std::int64_t columns, std::int64_t width) { return (columns + width - 1) / width; }

/// Widths that are tried: powers of two and divisors of the row up to 64, which find kernel rows, kernels and
/// channels; and the whole row, for zero filters.
std::vector<std::int64_t> widths(std::int64_t columns) {
  std::vector<std::int64_t> candidates;
  for (std::int64_t width = 2; width <= 64 && width < columns; ++width) {
    if (columns % width == 0 || (width & (width - 1)) == 0) candidates.push_back(width);
  }
  candidates.push_back(columns);
  return candidates;
}

/// Bits of both levels.
std::uint64_t index_bits(const WeightMatrix& matrix, std::int64_t width) {
  auto bits = static_cast<std::uint64_t>(matrix.rows * blocks_of_row(matrix.columns, width));
  const std::int32_t* row = matrix.values.data();
  for (std::int64_t r = 0; r < matrix.rows; ++r, row += matrix.columns) {
    for (std::int64_t i = 0; i < matrix.columns; ++i) {
      if (row[i] == 0) continue;
      const std::int64_t begin = i / width * width;
      const std::int64_t end = std::min(begin + width, matrix.columns);
      bits += static_cast<std::uint64_t>(end - begin);
      i = end - 1;
    }
  }
  return bits;
}

std::int64_t cheapest_width(const WeightMatrix& matrix) {
  std::int64_t best = 0;
  std::uint64_t least = UINT64_MAX;
  for (const std::int64_t width : widths(matrix.columns)) {
    const std::uint64_t bits = index_bits(matrix, width);
    if (bits < least) {
      least = bits;
      best = width;
    }
  }
  return best;
}

/// Calls `visit(block)` for the span of each block, row after row.
template <class Value, class Visit>
void for_each_block(std::span<Value> values, std::int64_t columns, std::int64_t width, Visit&& visit) {
  for (std::size_t row = 0; row < values.size(); row += static_cast<std::size_t>(columns)) {
    for (std::int64_t begin = 0; begin < columns; begin += width) {
      visit(values.subspan(row + static_cast<std::size_t>(begin),
                           static_cast<std::size_t>(std::min(width, columns - begin))));
    }
  }
}

class BitmapValues : public Coder {
 public:
  CodedMatrix encode(const WeightMatrix& matrix) const override {
    check_matrix(matrix);
    PartWriter out;
    if (matrix.values.empty()) return out.take();
    const std::int64_t width = cheapest_width(matrix);
    const std::span<const std::int32_t> values(matrix.values);
    out.begin("tables");
    out.write(width, bits_up_to(static_cast<std::uint64_t>(matrix.columns)));
    out.begin("index");
    for_each_block(values, matrix.columns, width,
                   [&](auto block) { out.bits().write_bit(count_nonzeros(block) != 0); });
    for_each_block(values, matrix.columns, width, [&](auto block) {
      if (count_nonzeros(block) == 0) return;
      for (const std::int32_t value : block) out.bits().write_bit(value != 0);
    });
    out.begin("values");
    write_nonzeros(out, values, matrix.bits);
    return out.take();
  }

  WeightMatrix decode(std::span<const std::uint8_t> bytes, const MatrixShape& shape) const override {
    PartReader in(bytes, "bitmap-values");
    const std::size_t count = check_shape(shape);
    WeightMatrix matrix{shape.rows, shape.columns, shape.bits, {}};
    if (count == 0) {
      in.finish();
      return matrix;
    }
    const std::int64_t width = in.read(bits_up_to(static_cast<std::uint64_t>(shape.columns)));
    if (width < 1 || width > shape.columns) in.refuse("blocks of " + std::to_string(width) + " values");
    in.expect(static_cast<std::uint64_t>(shape.rows * blocks_of_row(shape.columns, width)));
    matrix.values.resize(count);
    const std::span<std::int32_t> values(matrix.values);
    // The first value of a block marks it until the second level is read.
    for_each_block(values, shape.columns, width, [&](auto block) { block[0] = in.bits().read_bit() ? 1 : 0; });
    for_each_block(values, shape.columns, width, [&](auto block) {
      if (block[0] == 0) return;
      for (std::int32_t& value : block) value = in.bits().read_bit() ? 1 : 0;
      if (count_nonzeros(block) == 0) in.refuse("a block that the index calls non-zero is zero");
    });
    in.expect(count_nonzeros(values) * static_cast<std::uint64_t>(shape.bits));
    read_nonzeros(in, values, shape.bits);
    in.finish();
    return matrix;
  }
};

const CoderRegistration registration("bitmap-values", "a bit a block, a bit a value of the non-zero blocks, non-zeros",
                                     [] { return std::make_unique<BitmapValues>(); });

}  // namespace
}  // namespace rebasis::encode
