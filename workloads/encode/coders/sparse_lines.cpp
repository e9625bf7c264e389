#include "workloads/encode/coders/sparse_lines.h"

#include "workloads/encode/coders/part_bits.h"

namespace rebasis::encode {
namespace {

/// The matrix as lines of `length` values.
struct Layout {
  std::size_t lines, length;
  std::size_t line_stride, step;  ///< distance of two lines, and of two values of a line, in the row-major matrix

  Layout(const MatrixShape& shape, Lines kind)
      : lines(static_cast<std::size_t>(kind == Lines::rows ? shape.rows : shape.columns)),
        length(static_cast<std::size_t>(kind == Lines::rows ? shape.columns : shape.rows)),
        line_stride(kind == Lines::rows ? length : 1),
        step(kind == Lines::rows ? 1 : lines) {}
  [[nodiscard]] std::size_t at(std::size_t line, std::size_t position) const {
    return line * line_stride + position * step;
  }
  [[nodiscard]] int position_bits() const { return bits_up_to(length - 1); }
};

std::vector<std::uint32_t> read_begins(PartReader& in, std::size_t lines, std::size_t nonzeros) {
  const int begin_bits = bits_up_to(nonzeros);
  std::vector<std::uint32_t> begins(lines + 1, 0);
  for (std::size_t line = 1; line < lines; ++line) {
    begins[line] = in.read(begin_bits);
    if (begins[line] < begins[line - 1] || begins[line] > nonzeros)
      in.refuse("line " + std::to_string(line) + " begins at " + std::to_string(begins[line]) + " of " +
                std::to_string(nonzeros) + " values, the one before at " + std::to_string(begins[line - 1]));
  }
  begins[lines] = static_cast<std::uint32_t>(nonzeros);
  return begins;
}

/// Where each non-zero value lies in the matrix.
std::vector<std::size_t> read_places(PartReader& in, const Layout& layout, const std::vector<std::uint32_t>& begins) {
  std::vector<std::size_t> places;
  places.reserve(begins.back());
  for (std::size_t line = 0; line < layout.lines; ++line) {
    std::size_t next = 0;  // behind the position before
    for (std::size_t i = begins[line]; i < begins[line + 1]; ++i) {
      const std::size_t position = in.read(layout.position_bits());
      if (position < next || position >= layout.length) {
        in.refuse("position " + std::to_string(position) + " in line " + std::to_string(line) + " of " +
                  std::to_string(layout.length) + " values; positions ascend");
      }
      places.push_back(layout.at(line, position));
      next = position + 1;
    }
  }
  return places;
}

}  // namespace

CodedMatrix encode_lines(const WeightMatrix& matrix, Lines lines) {
  check_matrix(matrix);
  PartWriter out;
  if (matrix.values.empty()) return out.take();
  const Layout layout(shape_of(matrix), lines);
  std::vector<std::size_t> begins, positions, places;
  for (std::size_t line = 0; line < layout.lines; ++line) {
    begins.push_back(places.size());
    for (std::size_t position = 0; position < layout.length; ++position) {
      const std::size_t place = layout.at(line, position);
      if (matrix.values[place] == 0) continue;
      positions.push_back(position);
      places.push_back(place);
    }
  }
  out.begin("pointers");
  out.write(static_cast<std::int64_t>(places.size()), bits_up_to(matrix.values.size()));
  const int begin_bits = bits_up_to(places.size());
  for (std::size_t line = 1; line < layout.lines; ++line)
    out.write(static_cast<std::int64_t>(begins[line]), begin_bits);
  out.begin("index");
  for (const std::size_t position : positions) out.write(static_cast<std::int64_t>(position), layout.position_bits());
  out.begin("values");
  for (const std::size_t place : places) out.write(matrix.values[place], matrix.bits);
  return out.take();
}

WeightMatrix decode_lines(std::span<const std::uint8_t> bytes, const MatrixShape& shape, Lines lines,
                          const std::string& coder) {
  PartReader in(bytes, coder);
  const std::size_t count = check_shape(shape);
  WeightMatrix matrix{shape.rows, shape.columns, shape.bits, {}};
  if (count > 0) {
    const Layout layout(shape, lines);
    const std::size_t nonzeros = in.read(bits_up_to(count));
    if (nonzeros > count) in.refuse(std::to_string(nonzeros) + " non-zeros of " + std::to_string(count) + " values");
    in.expect((layout.lines - 1) * static_cast<std::uint64_t>(bits_up_to(nonzeros)) +
              nonzeros * static_cast<std::uint64_t>(layout.position_bits() + shape.bits));
    const std::vector<std::size_t> places = read_places(in, layout, read_begins(in, layout.lines, nonzeros));
    matrix.values.resize(count);
    for (const std::size_t place : places) {
      matrix.values[place] = in.read_signed(shape.bits);
      if (matrix.values[place] == 0) in.refuse("a stored value is zero");
    }
  }
  in.finish();
  return matrix;
}

}  // namespace rebasis::encode
