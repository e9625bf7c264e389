#include <algorithm>

#include "sim/core/tiling/tiling.h"

namespace rebasis::sim {

namespace {

/// Inputs inside [0, size) that outputs [first, last) need along one dimension.
std::vector<Range> needed(Range outputs, std::int64_t stride, std::int64_t pad, std::int64_t kernel,
                          std::int64_t dilation, std::int64_t size) {
  std::vector<Range> runs;
  const std::int64_t span = dilation * (kernel - 1) + 1;
  for (std::int64_t o = outputs.first; o < outputs.last; ++o) {
    const std::int64_t begin = o * stride - pad;
    const std::int64_t first = std::clamp<std::int64_t>(begin, 0, size),
                       last = std::clamp<std::int64_t>(begin + span, first, size);
    if (first == last) continue;
    if (!runs.empty() && runs.back().last >= first)
      runs.back().last = std::max(runs.back().last, last);
    else
      runs.push_back({first, last});
  }
  return runs;
}

}  // namespace

std::vector<Range> needed_rows(const LayerShape& shape, Range rows) {
  return needed(rows, shape.stride_h, shape.pad_top, shape.R, shape.dilation_h, shape.H);
}

std::vector<Range> needed_columns(const LayerShape& shape, Range columns) {
  return needed(columns, shape.stride_w, shape.pad_left, shape.S, shape.dilation_w, shape.W);
}

WeightTable::WeightTable(const LayerShape& shape,
                         const std::function<std::uint64_t(std::int64_t m, std::int64_t c)>& value)
    : filters_per_group_(shape.filters_per_group()),
      channels_(shape.channels_per_group()),
      prefix_(static_cast<std::size_t>((shape.M + 1) * (channels_ + 1))) {
  const auto at = [&](std::int64_t m, std::int64_t c) -> std::uint64_t& {
    return prefix_[static_cast<std::size_t>(m * (channels_ + 1) + c)];
  };
  for (std::int64_t m = 0; m < shape.M; ++m) {
    for (std::int64_t c = 0; c < channels_; ++c)
      at(m + 1, c + 1) = value(m, c) + at(m, c + 1) + at(m + 1, c) - at(m, c);
  }
}

std::uint64_t WeightTable::sum(Range filters, Range channels) const {
  const auto at = [&](std::int64_t m, std::int64_t c) {
    return prefix_[static_cast<std::size_t>(m * (channels_ + 1) + c)];
  };
  return at(filters.last, channels.last) - at(filters.first, channels.last) - at(filters.last, channels.first) +
         at(filters.first, channels.first);
}

std::uint64_t WeightTable::sum(const ConvTile& tile) const {
  if (tile.groups.size() > 1)
    return sum({tile.groups.first * filters_per_group_, tile.groups.last * filters_per_group_}, tile.channels);
  const std::int64_t first = tile.groups.first * filters_per_group_;
  return sum({first + tile.filters.first, first + tile.filters.last}, tile.channels);
}

}  // namespace rebasis::sim
