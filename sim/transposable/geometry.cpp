#include "sim/transposable/geometry.h"

#include <algorithm>

#include "common/units.h"

namespace rebasis::sim::transposable {

namespace {

std::int64_t ceil_of(std::int64_t value, std::int64_t divisor) {
  return value >= 0 ? ceil_div(value, divisor) : -(-value / divisor);
}

/// Outputs o of `outputs` whose input o * stride + offset lies in `inputs`.
Range joined(Range outputs, Range inputs, std::int64_t stride, std::int64_t offset) {
  const std::int64_t first = std::max(outputs.first, ceil_of(inputs.first - offset, stride));
  return {first, std::max(first, std::min(outputs.last, ceil_of(inputs.last - offset, stride)))};
}

}  // namespace

Range rows_of_kernel(const Job& job, const ConvTile& tile, std::int64_t r) {
  const LayerShape& shape = job.shape();
  const std::int64_t offset = r * shape.dilation_h - shape.pad_top;
  return job.transposed() ? joined({0, shape.E()}, tile.rows, shape.stride_h, offset)
                          : joined(tile.rows, {0, shape.H}, shape.stride_h, offset);
}

Range columns_of_kernel(const Job& job, std::int64_t s) {
  const LayerShape& shape = job.shape();
  return joined({0, shape.F()}, {0, shape.W}, shape.stride_w, s * shape.dilation_w - shape.pad_left);
}

Range streamed_rows(const Job& job, Range rows) {
  const LayerShape& shape = job.shape();
  Range needed{INT64_MAX, 0};
  ConvTile tile;
  tile.rows = rows;
  for (std::int64_t r = 0; r < shape.R; ++r) {
    const Range outputs = rows_of_kernel(job, tile, r);
    if (outputs.size() == 0) continue;
    const std::int64_t scale = job.transposed() ? 1 : shape.stride_h,
                       offset = job.transposed() ? 0 : r * shape.dilation_h - shape.pad_top;
    needed.first = std::min(needed.first, outputs.first * scale + offset);
    needed.last = std::max(needed.last, (outputs.last - 1) * scale + offset + 1);
  }
  return needed.last == 0 ? Range{0, 0} : needed;
}

void for_each_block(const Job& job, const arch::TransposableSpec& spec, const Tile& tile,
                    const std::function<void(const Block&)>& visit) {
  const LayerShape& shape = job.shape();
  const ConvTile& conv = tile.conv;
  const std::int64_t together = groups_at_once(job, spec);
  const Range &results = job.transposed() ? conv.channels : conv.filters,
              &operands = job.transposed() ? conv.filters : conv.channels;
  Block block;
  const auto kernels = [&] {
    for (block.r = 0; block.r < shape.R; ++block.r) {
      const std::int64_t rows = rows_of_kernel(job, conv, block.r).size();
      for (block.s = 0; block.s < shape.S; ++block.s) {
        block.positions = tile.images.size() * rows * columns_of_kernel(job, block.s).size();
        if (block.positions > 0) visit(block);
      }
    }
  };
  const auto biases = [&] {
    if (!job.bias_gradient || conv.channels.first != 0) return;
    Block bias = block;
    bias.bias = true;
    bias.positions = tile.images.size() * conv.rows.size() * shape.F();
    visit(bias);
  };
  for (std::int64_t g = conv.groups.first; g < conv.groups.last; g += together) {
    block.groups = {g, std::min(g + together, conv.groups.last)};
    for (std::int64_t o = results.first; o < results.last; o += spec.rows) {
      block.results = {o, std::min(o + spec.rows, results.last)};
      biases();
      if (!job.weight_gradient) continue;
      for (std::int64_t i = operands.first; i < operands.last; i += spec.columns) {
        block.operands = {i, std::min(i + spec.columns, operands.last)};
        kernels();
      }
    }
  }
}

}  // namespace rebasis::sim::transposable
