#include "sim/bit_pragmatic/clocked/set_sources.h"

#include <algorithm>

#include "sim/bit_pragmatic/names.h"
#include "sim/bit_pragmatic/nbin_rows.h"

namespace rebasis::sim::bit_pragmatic {

void SetSource::prepare(std::shared_ptr<const StepWork> work, Cycle latency) {
  work_ = std::move(work);
  filling_ = latency;
  ready_ = 0;
  reading_ = false;
}

void SetSource::evaluate() {
  if (filling_ > 0) {
    --filling_;
    ++account_[Cause::fill_drain];
    return;
  }
  if (ready_ == work_->sets()) {
    ++account_[Cause::idle];
    return;
  }
  if (!reading_) {
    left_ = read(work_->set(ready_));
    reading_ = true;
  }
  ++account_[left_ > 0 ? Cause::busy : Cause::imbalance];
  if (left_ > 0) --left_;
}

void SetSource::commit(bool room) {
  if (!reading_ || left_ > 0 || !room) return;
  put(ready_);
  ++ready_;
  reading_ = false;
}

SynapseBuffer::SynapseBuffer(const DenseLayer& layer, const LayerBricks& bricks, const arch::BitPragmaticSpec& spec,
                             Counters& counters)
    : layer_(layer),
      bricks_(bricks),
      spec_(spec),
      counters_(counters),
      registers_(static_cast<std::size_t>(spec.sets_held())) {}

Cycle SynapseBuffer::read(const SetPosition& set) {
  const Brick& brick = bricks_[set.brick];
  output_ = {set.filters.size(), {}};
  for (std::int64_t m = set.filters.first; m < set.filters.last; ++m) {
    for (std::int64_t s = brick.taps.first; s < brick.taps.last; ++s) {
      for (std::int64_t c = brick.channels.first; c < brick.channels.last; ++c)
        output_.weights.push_back(layer_.weight(m, c, brick.row, s));
    }
  }
  counters_.actions[sb_read] += output_.weights.size() * static_cast<std::uint64_t>(spec_.element_bytes());
  return spec_.set_cycles();
}

void SynapseBuffer::put(std::int64_t number) {
  // With pallet synchronisation the only register is the PIPs' own, which the columns count.
  if (!spec_.pallet_sync())
    counters_.actions[register_write] += output_.weights.size() * static_cast<std::uint64_t>(spec_.element_bytes());
  registers_[static_cast<std::size_t>(number) % registers_.size()] = std::move(output_);
}

Dispatcher::Dispatcher(const LayerShape& shape, const LayerBricks& bricks, const arch::BitPragmaticSpec& spec,
                       const Activations& image, Counters& counters)
    : shape_(shape),
      bricks_(bricks),
      spec_(spec),
      image_(image),
      counters_(counters),
      buffers_(static_cast<std::size_t>(spec.sets_held())) {}

BrickValues Dispatcher::gather(std::int64_t group, const Brick& brick, Window window, std::set<std::int64_t>& rows) {
  BrickValues values;
  const std::int64_t base = group * shape_.channels_per_group();
  const std::int64_t h = window.e * shape_.stride_h + brick.row * shape_.dilation_h - shape_.pad_top;
  for (std::int64_t s = brick.taps.first; s < brick.taps.last; ++s) {
    const std::int64_t w = window.f * shape_.stride_w + s * shape_.dilation_w - shape_.pad_left;
    const bool inside = h >= 0 && h < shape_.H && w >= 0 && w < shape_.W;
    for (std::int64_t c = brick.channels.first; c < brick.channels.last; ++c)
      values.push_back(inside ? image_.at(base + c, h, w) : 0);
    if (!inside) continue;
    const NbinRows needed = nbin_rows(shape_, spec_, brick, h, w);
    for (std::int64_t row = needed.first; row <= needed.last; ++row) rows.insert(row);
    const auto bytes = static_cast<std::uint64_t>(brick.channels.size() * spec_.element_bytes());
    counters_.actions[nbin_read] += bytes;
    counters_.actions[register_write] += bytes;
    counters_.actions[encode] += static_cast<std::uint64_t>(brick.channels.size());
  }
  return values;
}

Cycle Dispatcher::read(const SetPosition& set) {
  std::set<std::int64_t> rows;
  output_.clear();
  for (std::int64_t column = 0; column < spec_.columns; ++column) {
    const auto window = work().window(set.pallet, column);
    output_.push_back(window ? gather(set.group, bricks_[set.brick], *window, rows) : BrickValues{});
  }
  return std::max<Cycle>(1, static_cast<Cycle>(rows.size()));
}

void Dispatcher::put(std::int64_t number) {
  buffers_[static_cast<std::size_t>(number) % buffers_.size()] = std::move(output_);
}

}  // namespace rebasis::sim::bit_pragmatic
