#include "sim/bit_pragmatic/step_work.h"

#include <algorithm>

#include "common/units.h"

namespace rebasis::sim::bit_pragmatic {

LayerBricks::LayerBricks(const LayerShape& shape, const arch::BitPragmaticSpec& spec, std::int64_t packed)
    : lanes_(spec.lanes), packed_(packed) {
  const std::int64_t channels = shape.channels_per_group();
  const std::int64_t taps = spec.fold == "row" ? std::max<std::int64_t>(1, lanes_ / channels) : 1;
  for (std::int64_t c = 0; c < channels; c += lanes_) {
    for (std::int64_t r = 0; r < shape.R; ++r) {
      for (std::int64_t s = 0; s < shape.S; s += taps) {
        bricks_.push_back({{c, std::min(c + lanes_, channels)}, r, {s, std::min(s + taps, shape.S)}});
      }
    }
  }
  bricks_per_chunk_ = static_cast<std::int64_t>(bricks_.size()) / ceil_div(channels, lanes_);
}

Range LayerBricks::of(Range channels) const {
  return {channels.first / lanes_ * bricks_per_chunk_, ceil_div(channels.last, lanes_) * bricks_per_chunk_};
}

StepWork::StepWork(const LayerShape& shape, const LayerBricks& bricks, const arch::BitPragmaticSpec& spec,
                   const ConvTile& tile)
    : tile_(tile),
      bricks_(bricks.of(tile.channels)),
      filters_per_group_(shape.filters_per_group()),
      array_filters_(spec.filters()),
      columns_(spec.columns),
      within_row_(spec.windows == "row"),
      passes_(ceil_div(tile.filters.size(), array_filters_)),
      pallets_(0),
      pallets_per_row_(ceil_div(tile.columns.size(), columns_)) {
  pallets_ =
      within_row_ ? tile.rows.size() * pallets_per_row_ : ceil_div(tile.rows.size() * tile.columns.size(), columns_);
}

Range StepWork::filters(std::int64_t group, std::int64_t pass) const {
  const std::int64_t base = group * filters_per_group_, first = tile_.filters.first + pass * array_filters_;
  return {base + first, base + std::min(first + array_filters_, tile_.filters.last)};
}

SetPosition StepWork::set(std::int64_t number) const {
  const std::int64_t brick = number % bricks_.size(), window = number / bricks_.size();
  const std::int64_t pass = window / pallets_, group = tile_.groups.first + pass / passes_;
  return {group, filters(group, pass % passes_), window % pallets_, static_cast<std::size_t>(bricks_.first + brick),
          brick + 1 == bricks_.size()};
}

std::optional<Window> StepWork::window(std::int64_t pallet, std::int64_t column) const {
  const std::int64_t width = tile_.columns.size();
  if (within_row_) {
    const std::int64_t f = pallet % pallets_per_row_ * columns_ + column;
    if (f >= width) return std::nullopt;
    return Window{tile_.rows.first + pallet / pallets_per_row_, tile_.columns.first + f};
  }
  const std::int64_t number = pallet * columns_ + column;
  if (number >= tile_.rows.size() * width) return std::nullopt;
  return Window{tile_.rows.first + number / width, tile_.columns.first + number % width};
}

}  // namespace rebasis::sim::bit_pragmatic
