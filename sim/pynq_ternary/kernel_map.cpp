#include "sim/pynq_ternary/kernel_map.h"

#include <algorithm>

#include "common/units.h"

namespace rebasis::sim::pynq_ternary {

namespace {

std::vector<Range> cut(std::int64_t taps, std::int64_t capacity, std::int64_t dilation) {
  const std::int64_t size = dilation > 1 ? 1 : capacity;
  std::vector<Range> parts;
  for (std::int64_t first = 0; first < taps; first += size) parts.push_back({first, std::min(first + size, taps)});
  return parts;
}

}  // namespace

std::vector<Piece> cut_kernel(const LayerShape& shape, const arch::PynqTernarySpec& spec) {
  std::vector<Piece> pieces;
  for (const Range& rows : cut(shape.R, spec.pe_rows, shape.dilation_h)) {
    for (const Range& columns : cut(shape.S, spec.pe_columns, shape.dilation_w)) pieces.push_back({rows, columns});
  }
  return pieces;
}

std::int64_t unit_channels(const LayerShape& shape, const arch::PynqTernarySpec& spec) {
  const std::int64_t rows = shape.dilation_h > 1 ? 1 : std::min(shape.R, spec.pe_rows);
  return spec.pe_channels * (spec.pe_rows / rows);
}

Sweep::Sweep(const LayerShape& shape, const Piece& piece, Range columns)
    : first_(columns.first * shape.stride_w - shape.pad_left + piece.columns.first * shape.dilation_w),
      width_(piece.columns.size()),
      stride_(shape.stride_w),
      trips_(0),
      jumps_(shape.stride_w >= width_) {
  trips_ = jumps_ ? columns.size() * width_ : (columns.size() - 1) * stride_ + width_;
}

std::int64_t Sweep::column(std::int64_t trip) const {
  return first_ + (jumps_ ? trip / width_ * stride_ + trip % width_ : trip);
}

std::optional<std::int64_t> Sweep::output(std::int64_t trip) const {
  const std::int64_t last_tap = width_ - 1;
  if (jumps_) return trip % width_ == last_tap ? std::optional(trip / width_) : std::nullopt;
  if (trip < last_tap || (trip - last_tap) % stride_ != 0) return std::nullopt;
  return (trip - last_tap) / stride_;
}

UnitTable::UnitTable(const TernaryLayer& layer, const arch::PynqTernarySpec& spec)
    : layer_channels_(layer.shape().channels_per_group()),
      channels_(unit_channels(layer.shape(), spec)),
      per_filter_(ceil_div(layer_channels_, channels_)),
      nonzeros_(static_cast<std::size_t>(layer.shape().M * per_filter_)) {
  const std::int64_t taps = layer.shape().R * layer.shape().S;
  std::size_t at = 0;
  for (std::int64_t m = 0; m < layer.shape().M; ++m) {
    for (std::int64_t c = 0; c < layer_channels_; ++c) {
      auto& count = nonzeros_[static_cast<std::size_t>(m * per_filter_ + c / channels_)];
      for (std::int64_t tap = 0; tap < taps; ++tap) count += layer.codes[at++] != 0 ? 1 : 0;
    }
  }
}

std::int64_t UnitTable::channels_of(std::int64_t unit) const {
  return std::min(channels_, layer_channels_ - unit * channels_);
}

std::int64_t UnitTable::nonzero_units() const {
  return std::count_if(nonzeros_.begin(), nonzeros_.end(), [](std::int32_t count) { return count != 0; });
}

}  // namespace rebasis::sim::pynq_ternary
