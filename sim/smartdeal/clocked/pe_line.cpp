#include "sim/smartdeal/clocked/pe_line.h"

#include <algorithm>

#include "common/error.h"
#include "workloads/booth.h"

namespace rebasis::sim::smartdeal {

PeLine::PeLine(const Context& context, std::int64_t slice)
    : context_(context), slice_(slice), sums_(static_cast<std::size_t>(context.mode.clusters * context.spec.dim_F)) {}

void PeLine::request_region(std::size_t step, std::int64_t region) {
  pending_step_ = step;
  pending_epoch_ = context_.steps[step].weight_epoch;
  pending_request_ = region;
}

void PeLine::commit() {
  completed_visible_ = completed_;
  if (pending_epoch_ >= 0) {
    if (pending_epoch_ != epoch_) {
      epoch_ = pending_epoch_;
      issued_ = loaded_ = entered_ = -1;
    }
    requested_ = pending_request_;
    basis_step_ = pending_step_;
    pending_epoch_ = -1;
  }
  if (entering_ >= 0) {
    entered_ = entering_;
    entering_ = -1;
  }
  loaded_visible_ = loaded_;
  basis_idle_visible_ = basis_left_ == 0 && arriving_bases_.empty() && issued_ >= fetched_ahead();
  rows_released_visible_ = rows_released_;
  for (PacketPtr& packet : incoming_) {
    if (packet->new_row) add_row(*packet);
    ++announced_;
    fifo_.push_back(std::move(packet));
  }
  incoming_.clear();
}

bool PeLine::finished(std::size_t step) const { return fifo_.empty() || fifo_.front()->step > step; }

std::vector<std::int64_t> PeLine::take_sums() {
  std::vector<std::int64_t> sums(sums_.size(), 0);
  sums.swap(sums_);
  return sums;
}

void PeLine::evaluate(Cycle now, std::size_t step, const SliceEvents& events, Counters& counters) {
  empty_at_start_ = fifo_.empty();
  region_at_start_ = empty_at_start_ ? -1 : fifo_.front()->region;
  consume(now, step, events, counters);
  rebuild(now, counters);
  use_weight_port(now, counters);
  take_data(now);
}

void PeLine::consume(Cycle now, std::size_t step, const SliceEvents& events, Counters& counters) {
  if (!active_) {
    if (fifo_.empty() || fifo_.front()->step != step || now < events.gate || now < fifo_.front()->arrived) return;
    const auto in_use = static_cast<std::size_t>(rows_started_ - rows_released_);
    const std::size_t position = fifo_.front()->new_row ? in_use : in_use - 1;
    if (!rows_[position].rebuilt || now < rows_[position].ready) return;
    start_item(now, events, counters);
  }
  mac_cycle(counters);
  const Packet& item = *fifo_.front();
  const std::size_t taps = context_.groups[static_cast<std::size_t>(item.pair.group)].taps.size();
  if (std::all_of(macs_.begin(), macs_.end(), [&](const Mac& mac) { return mac.tap == taps; })) finish_item(now);
}

void PeLine::start_item(Cycle now, const SliceEvents& events, Counters& counters) {
  const Packet& item = *fifo_.front();
  if (item.new_row) {
    ++rows_started_;
    if (rows_started_ - rows_released_ > 1) {  // the row before is no longer needed
      rows_.pop_front();
      ++rows_released_;
    }
  }
  // The wait ends now; its parts are the times at which each thing it needed came about.
  Cycle waited = done_;
  const auto wait = [&](Cycle until, Cause cause) {
    if (until <= waited) return;
    counters.lines[cause] += until - waited;
    waited = until;
  };
  wait(events.done, Cause::imbalance);
  wait(events.handoff, Cause::output);
  wait(events.gate, Cause::fill_drain);
  wait(item.block_loaded, Cause::dram);
  wait(item.block_ready, Cause::weights);
  wait(item.selected, Cause::index);
  wait(item.port_free, Cause::inputs);
  wait(item.basis_ready, Cause::weights);
  wait(item.granted, Cause::imbalance);
  wait(item.arrived, Cause::inputs);
  wait(rows_.front().ready, Cause::weights);
  if (waited != now)
    fail_internal("PE line started an item at cycle " + std::to_string(now) + ", its last condition held at " +
                  std::to_string(waited));
  active_ = true;
  shifted_ = 0;
  macs_.assign(static_cast<std::size_t>(context_.steps[item.step].tile.width), Mac{});
  const auto lines_elements = static_cast<std::uint64_t>(item.values.size());
  counters[Action::line_fifo_write] += lines_elements * static_cast<std::uint64_t>(context_.spec.element_bytes());
  if (context_.spec.bit_serial) counters[Action::booth_encode] += lines_elements;
}

void PeLine::mac_cycle(Counters& counters) {
  const Packet& item = *fifo_.front();
  const TapGroup& group = context_.groups[static_cast<std::size_t>(item.pair.group)];
  std::size_t slowest = group.taps.size();  // as of the start of the cycle
  for (const Mac& mac : macs_) slowest = std::min(slowest, mac.tap);
  counters.lines[Cause::busy] += 1;
  std::uint64_t working = 0;
  for (std::size_t f = 0; f < macs_.size(); ++f) {
    if (mac_step(f, item, slowest, counters)) ++working;
  }
  shift(group);
  if (!context_.spec.bit_serial) return;
  std::uint64_t filters = 0;
  for (const auto& weights : rows_.front().weights) filters += weights.empty() ? 0 : 1;
  counters[Action::digit_step] += working * filters;
  counters[Action::zero_step] += static_cast<std::uint64_t>(context_.spec.dim_F) - working * filters;
}

/// One cycle of MAC f: a non-zero digit, or the cycle that a zero takes. True when it processed a digit.
bool PeLine::mac_step(std::size_t f, const Packet& item, std::size_t slowest, Counters& counters) {
  const TapGroup& group = context_.groups[static_cast<std::size_t>(item.pair.group)];
  Mac& mac = macs_[f];
  if (mac.tap == group.taps.size()) return false;
  const int value = item.values[f + static_cast<std::size_t>(group.shifts[mac.tap])];
  if (mac.left == 0) {
    const std::int64_t lead = context_.spec.bit_serial ? context_.spec.lead() : 0;
    if (static_cast<std::int64_t>(mac.tap) - static_cast<std::int64_t>(slowest) > lead) return false;
    if (lead == 0 && shifted_ != group.shifts[mac.tap]) return false;
    mac.left = context_.spec.bit_serial ? std::max(1, booth_digits(value)) : 1;
    mac.digit = 0;
    counters[Action::line_fifo_read] += static_cast<std::uint64_t>(context_.spec.element_bytes());
  }
  std::int64_t multiplier = value;  // what this cycle adds: the whole value, or one digit
  bool digit = false;
  if (context_.spec.bit_serial) {
    while (mac.digit < booth_digits_unsigned && booth_digit(value, mac.digit) == 0) ++mac.digit;
    digit = mac.digit < booth_digits_unsigned;
    multiplier = digit ? std::int64_t{booth_digit(value, mac.digit)} * (std::int64_t{1} << (2 * mac.digit)) : 0;
    ++mac.digit;
  }
  const std::size_t filters = rows_.front().weights.size();
  for (std::size_t filter = 0; filter < filters; ++filter) {
    if (rows_.front().weights[filter].empty()) continue;
    sums_[filter * static_cast<std::size_t>(context_.spec.dim_F) + f] += multiplier * weight_of(filter, item, mac.tap);
    if (mac.left == 1) {
      ++counters.effective_macs;
      if (!context_.spec.bit_serial) ++counters[Action::mac_operation];
    }
  }
  if (--mac.left == 0) ++mac.tap;
  return digit;
}

/// The segment moves on as soon as all MACs have taken their activations of a tap. MACs with a lead choose among the
/// entries instead.
void PeLine::shift(const TapGroup& group) {
  std::size_t next = group.taps.size();
  for (const Mac& mac : macs_) next = std::min(next, mac.tap + (mac.left > 0 ? 1 : 0));
  if (next < group.taps.size()) shifted_ = std::min(group.shifts[next], shifted_ + context_.spec.shift_places);
}

std::int64_t PeLine::weight_of(std::size_t filter, const Packet& item, std::size_t tap) const {
  const WeightLayout& layout = context_.layout;
  const TapGroup& group = context_.groups[static_cast<std::size_t>(item.pair.group)];
  const std::int64_t channel = item.pair.channel % context_.shape.channels_per_group();
  const std::int64_t column = layout.channel_vectors ? channel % layout.n : group.taps[tap];
  return rows_.front().weights[filter][static_cast<std::size_t>(column)];
}

void PeLine::finish_item(Cycle now) {
  active_ = false;
  done_ = now + 1;
  ++completed_;
  fifo_.pop_front();
}

}  // namespace rebasis::sim::smartdeal
