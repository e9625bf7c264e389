#include "sim/scnn/inputs.h"

#include <algorithm>

#include "sim/scnn/weights.h"

namespace rebasis::sim::scnn {

InputBits::InputBits(const Activations& image, const LayerShape& shape, const PlanarTile& tile,
                     const arch::ScnnSpec& spec)
    : channels_(shape.C), pes_(tile.row_slices.size() * tile.column_slices.size()) {
  const encode::ZeroRunFormat format = format_of(spec);
  const Axis row_axis_ = row_axis(shape), column_axis_ = column_axis(shape);
  const std::vector<std::int64_t> residues = used_residues(shape);
  before_.assign(pes_ * static_cast<std::size_t>(channels_ + 1), 0);
  std::size_t pe = 0;
  for (const Slice& row : tile.row_slices) {
    for (const Slice& column : tile.column_slices) {
      std::uint64_t* const bits = before_.data() + pe * static_cast<std::size_t>(channels_ + 1);
      for (const std::int64_t residue : residues) {
        const auto rows = inputs_of(row_axis_, row.inputs, residue / shape.stride_w);
        const auto columns = inputs_of(column_axis_, column.inputs, residue % shape.stride_w);
        const std::size_t size = rows.size() * columns.size();
        for (std::int64_t c = 0; c < channels_; ++c) {
          std::size_t stored = 0;
          visit_block(
              image, c, rows, columns,
              [&](std::int64_t, std::int64_t, std::size_t placeholders) { stored += placeholders + 1; },
              format.longest_run());
          bits[c + 1] += encode::block_bits(stored, size, format);
        }
      }
      for (std::int64_t c = 0; c < channels_; ++c) bits[c + 1] += bits[c];
      ++pe;
    }
  }
}

std::uint64_t InputBits::largest_pe() const {
  std::uint64_t largest = 0;
  const auto stride = static_cast<std::size_t>(channels_ + 1);
  for (std::size_t pe = 0; pe < pes_; ++pe) largest = std::max(largest, (before_[(pe + 1) * stride - 1] + 7) / 8);
  return largest;
}

std::uint64_t InputBits::bytes(Range channels) const {
  std::uint64_t sum = 0;
  for (std::size_t pe = 0; pe < pes_; ++pe) {
    const std::uint64_t* const bits = before_.data() + pe * static_cast<std::size_t>(channels_ + 1);
    sum += (bits[channels.last] - bits[channels.first] + 7) / 8;
  }
  return sum;
}

}  // namespace rebasis::sim::scnn
