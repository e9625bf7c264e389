#include "sim/sparse_tensor_core/clocked/group_loop.h"

#include <algorithm>

namespace rebasis::sim::sparse_tensor_core {

GroupLoop::GroupLoop(const LayerShape& shape, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern)
    : shape_(shape), spec_(spec), pattern_(pattern) {}

void GroupLoop::begin(const ConvTile& tile, std::size_t step) {
  tile_ = tile;
  step_ = step;
  packs_ = packs_of(shape_, tile, groups_of_pack(shape_, spec_));
  pack_ = 0;
  e_ = tile.rows.first;
  f_ = tile.columns.first;
  enter_position();
}

bool GroupLoop::in_map(std::int64_t r, std::int64_t s) const {
  const std::int64_t h = e_ * shape_.stride_h + r * shape_.dilation_h - shape_.pad_top;
  const std::int64_t w = f_ * shape_.stride_w + s * shape_.dilation_w - shape_.pad_left;
  return h >= 0 && h < shape_.H && w >= 0 && w < shape_.W;
}

void GroupLoop::take(std::int64_t r, std::int64_t s, bool inside) {
  if (!spec_.fold_kernel) rows_.emplace_back();
  std::int64_t lanes = 0, neurons = 0;  // of the row that is being filled
  for (std::size_t i = 0; !rows_.empty() && i < rows_.back().size(); ++i) {
    lanes += pattern_.kept;
    neurons += pattern_.of;
  }
  for (const Range& channels : channel_groups(pack(), pattern_)) {
    if (rows_.empty() || lanes + pattern_.kept > spec_.Ti || neurons + pattern_.of > spec_.nbin_neurons) {
      rows_.emplace_back();
      lanes = neurons = 0;
    }
    rows_.back().push_back({r, s, channels, inside});
    lanes += pattern_.kept;
    neurons += pattern_.of;
  }
}

void GroupLoop::enter_position() {
  rows_.clear();
  for (std::int64_t r = 0; r < shape_.R; ++r) {
    for (std::int64_t s = 0; s < shape_.S; ++s) {
      const bool inside = in_map(r, s);
      if (inside || !spec_.skip_padding) take(r, s, inside);
    }
  }
  if (rows_.empty()) take(0, 0, false);
  filter_ = pack().filters.first;
  row_ = 0;
}

bool GroupLoop::next() {
  if (++row_ < rows_.size()) return true;
  row_ = 0;
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

RowOperation GroupLoop::operation() const {
  RowOperation row{{}, rows_[row_]};
  diannao::Operation& op = row.operation;
  op.valid = true;
  op.step = step_;
  op.filter = filter_;
  op.filters = std::min(spec_.Tn, pack().filters.last - filter_);
  op.channels = static_cast<std::int64_t>(row.groups.size()) * pattern_.kept;
  op.e = e_;
  op.f = f_;
  op.inside = std::any_of(row.groups.begin(), row.groups.end(), [](const ChannelGroup& group) { return group.inside; });
  op.begins_sum = row_ == 0;
  op.ends_sum = row_ + 1 == rows_.size();
  op.first_chunk = tile_.first_chunk;
  op.last_chunk = tile_.last_chunk;
  op.ends_step = op.ends_sum && last_filter() && f_ + 1 == tile_.columns.last && e_ + 1 == tile_.rows.last &&
                 pack_ + 1 == packs_.size();
  return row;
}

}  // namespace rebasis::sim::sparse_tensor_core
