#include "sim/diannao/clocked/tile_loop.h"

#include <algorithm>

namespace rebasis::sim::diannao {

TileLoop::TileLoop(const LayerShape& shape, const arch::DianNaoSpec& spec) : shape_(shape), spec_(spec) {}

void TileLoop::begin(const ConvTile& tile, std::size_t step) {
  tile_ = tile;
  step_ = step;
  packs_ = packs_of(shape_, tile, groups_of_pack(shape_, spec_));
  pack_ = 0;
  e_ = tile.rows.first;
  f_ = tile.columns.first;
  enter_position();
}

bool TileLoop::in_map(std::int64_t r, std::int64_t s) const {
  const std::int64_t h = e_ * shape_.stride_h + r * shape_.dilation_h - shape_.pad_top;
  const std::int64_t w = f_ * shape_.stride_w + s * shape_.dilation_w - shape_.pad_left;
  return h >= 0 && h < shape_.H && w >= 0 && w < shape_.W;
}

void TileLoop::enter_position() {
  kernel_positions_.clear();
  for (std::int64_t r = 0; r < shape_.R; ++r) {
    for (std::int64_t s = 0; s < shape_.S; ++s) {
      if (!spec_.skip_padding || in_map(r, s)) kernel_positions_.emplace_back(r, s);
    }
  }
  if (kernel_positions_.empty()) kernel_positions_.emplace_back(0, 0);
  filter_ = packs_[pack_].filters.first;
  channel_ = packs_[pack_].channels.first;
  kernel_ = 0;
}

bool TileLoop::next() {
  if (!last_channel()) {
    channel_ += spec_.Ti;
    return true;
  }
  channel_ = packs_[pack_].channels.first;
  if (++kernel_ < kernel_positions_.size()) return true;
  kernel_ = 0;
  if (!last_filter()) {
    filter_ += spec_.Tn;
    return true;
  }
  if (++f_ == tile_.columns.last) {
    f_ = tile_.columns.first;
    if (++e_ == tile_.rows.last) {
      e_ = tile_.rows.first;
      if (++pack_ == packs_.size()) return false;
    }
  }
  enter_position();
  return true;
}

Operation TileLoop::operation() const {
  const Pack& pack = packs_[pack_];
  Operation op;
  op.valid = true;
  op.step = step_;
  op.filter = filter_;
  op.filters = std::min(spec_.Tn, pack.filters.last - filter_);
  op.channel = channel_;
  op.channels = std::min(spec_.Ti, pack.channels.last - channel_);
  op.e = e_;
  op.f = f_;
  std::tie(op.r, op.s) = kernel_positions_[kernel_];
  op.inside = in_map(op.r, op.s);
  op.begins_sum = kernel_ == 0 && channel_ == pack.channels.first;
  op.ends_sum = kernel_ + 1 == kernel_positions_.size() && last_channel();
  op.first_chunk = tile_.first_chunk;
  op.last_chunk = tile_.last_chunk;
  op.ends_step = op.ends_sum && last_filter() && f_ + 1 == tile_.columns.last && e_ + 1 == tile_.rows.last &&
                 pack_ + 1 == packs_.size();
  return op;
}

}  // namespace rebasis::sim::diannao
