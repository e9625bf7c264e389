#include "sim/cambricon_x/sparse_layer.h"

#include <algorithm>
#include <bit>

#include "common/units.h"
#include "sim/cambricon_x/counters.h"
#include "workloads/encode/step_index.h"

namespace rebasis::sim::cambricon_x {

namespace {

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

/// Cycles of a lane that takes synapses as they come, line after line.
class LaneCycles {
 public:
  LaneCycles(std::int64_t segment, const arch::CambriconXSpec& spec)
      : segment_(segment), scan_(spec.scan), multipliers_(spec.multipliers), lines_(ceil_div(segment, spec.scan)) {}
  void take(std::int64_t position) {
    const std::int64_t line = position / segment_ * lines_ + position % segment_ / scan_;
    if (line != line_) {
      cycles_ += done() + (line - line_ - 1);
      line_ = line;
      taken_ = 0;
    }
    ++taken_;
  }
  [[nodiscard]] std::int64_t total() const { return std::max<std::int64_t>(1, cycles_ + done()); }

 private:
  /// Of the line in progress; before the first line nothing.
  [[nodiscard]] std::int64_t done() const {
    return line_ < 0 ? 0 : std::max<std::int64_t>(1, ceil_div(taken_, multipliers_));
  }
  std::int64_t segment_, scan_, multipliers_, lines_;
  std::int64_t line_ = -1, taken_ = 0, cycles_ = 0;
};

}  // namespace

SparseLayer::SparseLayer(DenseLayer layer, const arch::CambriconXSpec& spec)
    : dense_(std::move(layer)), spec_(spec), by_tap_(dense_.weights.size()) {
  const std::int64_t channels = shape().channels_per_group(), taps = shape().R * shape().S;
  for (std::int64_t m = 0; m < shape().M; ++m) {
    const std::int8_t* const from = dense_.weights.data() + m * channels * taps;
    std::int8_t* const to = by_tap_.data() + m * channels * taps;
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t tap = 0; tap < taps; ++tap) to[tap * channels + c] = from[c * taps + tap];
    }
  }
}

void SparseLayer::window(std::int64_t filter, Range channels, std::vector<std::int8_t>& weights) const {
  const std::int64_t depth = shape().channels_per_group(), taps = shape().R * shape().S;
  weights.clear();
  for (std::int64_t tap = 0; tap < taps; ++tap) {
    const auto row = by_tap_.begin() + (filter * taps + tap) * depth;
    weights.insert(weights.end(), row + channels.first, row + channels.last);
  }
}

const std::vector<FilterPart>& SparseLayer::parts(Range channels) const {
  auto [entry, missing] = parts_.try_emplace({channels.first, channels.last});
  if (!missing) return entry->second;
  std::vector<std::int8_t> weights;
  for (std::int64_t m = 0; m < shape().M; ++m) {
    window(m, channels, weights);
    FilterPart part;
    LaneCycles lane(segment(channels), spec_);
    encode::for_each_kept(weights, encode::longest_step(static_cast<int>(spec_.step_bits)),
                          [&](std::int64_t position, std::int8_t value) {
                            ++part.kept;
                            part.non_zero += value != 0 ? 1 : 0;
                            lane.take(position);
                          });
    part.cycles = lane.total();
    entry->second.push_back(part);
  }
  return entry->second;
}

std::int64_t SparseLayer::synapse_bytes(const FilterPart& part, Range channels) const {
  return part.kept * spec_.element_bytes() + (dense_.has_bias && channels.first == 0 ? bias_bytes : 0);
}

std::int64_t SparseLayer::index_bytes(const FilterPart& part, Range channels) const {
  const auto candidates = static_cast<std::uint64_t>(shape().R * shape().S * channels.size());
  return ceil_div<std::int64_t>(part.kept * spec_.step_bits + std::bit_width(candidates), 8);
}

void SparseLayer::order(const ConvTile& tile, std::vector<std::int32_t>& places) const {
  const std::int64_t depth = shape().channels_per_group(), taps = shape().R * shape().S;
  for (const std::int64_t filter : filters_of(shape(), tile)) {
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      for (std::int64_t c = tile.channels.first; c < tile.channels.last; ++c)
        places.push_back(static_cast<std::int32_t>((filter * depth + c) * taps + tap));
    }
  }
}

std::uint64_t SparseLayer::tile_bias_bytes(const ConvTile& tile) const {
  if (!dense_.has_bias || tile.channels.first != 0) return 0;
  return static_cast<std::uint64_t>(tile.groups.size() * tile.filters.size() * bias_bytes);
}

WeightBytes SparseLayer::stored(const ConvTile& tile) const {
  const std::vector<FilterPart>& parts_of = parts(tile.channels);
  WeightBytes sum;
  for (const std::int64_t filter : filters_of(shape(), tile)) {
    const FilterPart& part = parts_of[index(filter)];
    sum.weights += static_cast<std::uint64_t>(synapse_bytes(part, tile.channels));
    sum.index += static_cast<std::uint64_t>(index_bytes(part, tile.channels));
  }
  return sum;
}

WeightBytes SparseLayer::least_stored() const {
  const auto non_zero =
      static_cast<std::int64_t>(by_tap_.size()) - std::count(by_tap_.begin(), by_tap_.end(), std::int8_t{0});
  const std::int64_t bias = dense_.has_bias ? shape().M * bias_bytes : 0;
  return {static_cast<std::uint64_t>(non_zero * spec_.element_bytes() + bias),
          static_cast<std::uint64_t>(ceil_div<std::int64_t>(non_zero * spec_.step_bits, 8))};
}

std::int64_t SparseLayer::segment(Range channels) const {
  if (spec_.gather == "tap") return channels.size();
  return channels.size() * shape().S * (spec_.gather == "row" ? 1 : shape().R);
}

std::vector<std::int64_t> filters_of(const LayerShape& shape, const ConvTile& tile) {
  std::vector<std::int64_t> filters;
  for (std::int64_t g = tile.groups.first; g < tile.groups.last; ++g) {
    for (std::int64_t m = tile.filters.first; m < tile.filters.last; ++m)
      filters.push_back(g * shape.filters_per_group() + m);
  }
  return filters;
}

}  // namespace rebasis::sim::cambricon_x
