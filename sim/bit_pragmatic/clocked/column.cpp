#include "sim/bit_pragmatic/clocked/column.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sim/bit_pragmatic/names.h"

namespace rebasis::sim::bit_pragmatic {

void Column::prepare(std::shared_ptr<const StepWork> work) {
  work_ = std::move(work);
  find_work(0);
}

void Column::find_work(std::int64_t from) {
  for (next_ = from; next_ < work_->sets(); ++next_) {
    if (work_->window(work_->set(next_).pallet, static_cast<std::int64_t>(index_))) return;
  }
}

std::optional<Cause> Column::wait_cause(const ColumnView& view) const {
  if (result_waits_) return Cause::output;
  if (next_ == work_->sets()) return Cause::imbalance;
  const std::int64_t before = next_ - spec_.sets_held();
  if (before >= 0 && view.all_taken[static_cast<std::size_t>(before)] == 0) return Cause::imbalance;
  if (spec_.pallet_sync() && !view.all_free) return Cause::imbalance;
  if (view.weights.ready() <= next_) return Cause::weights;
  if (view.bricks.ready() <= next_) return Cause::inputs;
  return std::nullopt;
}

void Column::take(const ColumnView& view) {
  took_ = next_;
  set_ = work_->set(next_);
  weights_ = view.weights.at(next_);
  counters_.actions[register_write] += weights_.weights.size() * static_cast<std::uint64_t>(spec_.element_bytes());
  pending_.clear();
  for (const int value : view.bricks.at(next_, index_)) {
    const std::vector<Oneffset> terms = oneffsets(value, format_);
    pending_.emplace_back(terms.begin(), terms.end());
    if (value != 0) counters_.effective_macs += static_cast<std::uint64_t>(weights_.filters) / packed_;
  }
  sums_.resize(static_cast<std::size_t>(weights_.filters), 0);
  find_work(next_ + 1);
}

/// Every lane whose lowest oneffset is within reach of the column's lowest shifts its weights by the difference; the
/// adder trees' sums are shifted by the common part and accumulated.
void Column::step() {
  int common = std::numeric_limits<int>::max();
  for (const auto& lane : pending_) {
    if (!lane.empty()) common = std::min(common, lane.front().power);
  }
  const int reach = (1 << spec_.first_stage_bits) - 1;
  std::vector<std::int64_t> trees(sums_.size(), 0);
  std::uint64_t terms = 0;
  bool left = false;
  for (std::size_t lane = 0; lane < pending_.size(); ++lane) {
    if (pending_[lane].empty()) continue;
    const Oneffset term = pending_[lane].front();
    if (term.power - common <= reach) {
      pending_[lane].pop_front();
      ++terms;
      for (std::size_t filter = 0; filter < trees.size(); ++filter) {
        const std::int64_t shifted = std::int64_t{weights_.weights[filter * pending_.size() + lane]} *
                                     (std::int64_t{1} << (term.power - common));
        trees[filter] += term.negative ? -shifted : shifted;
      }
    }
    left = left || !pending_[lane].empty();
  }
  if (terms > 0) {
    for (std::size_t filter = 0; filter < trees.size(); ++filter)
      sums_[filter] += trees[filter] * (std::int64_t{1} << common);
    counters_.actions[digit_step] += terms * (trees.size() / packed_);
    counters_.actions[accumulate] += trees.size();
  }
  brick_done_ = !left;
}

void Column::evaluate(const ColumnView& view) {
  if (free_) {
    if (const auto cause = wait_cause(view)) {
      ++account_[*cause];
      return;
    }
    take(view);
  } else if (result_waits_) {
    ++account_[Cause::output];
    return;
  }
  ++account_[Cause::busy];
  step();
}

std::optional<std::int64_t> Column::commit() {
  if (took_) free_ = false;
  if (brick_done_) {
    if (set_.last_of_window)
      result_waits_ = true;
    else
      free_ = true;
    brick_done_ = false;
  }
  if (result_waits_ && !latch_) {
    const auto window = work_->window(set_.pallet, static_cast<std::int64_t>(index_));
    latch_ = WindowResult{set_.filters, *window, std::move(sums_)};
    sums_.clear();
    result_waits_ = false;
    free_ = true;
  }
  return std::exchange(took_, std::nullopt);
}

WindowResult Column::take_latch() {
  WindowResult result = std::move(*latch_);
  latch_.reset();
  return result;
}

}  // namespace rebasis::sim::bit_pragmatic
