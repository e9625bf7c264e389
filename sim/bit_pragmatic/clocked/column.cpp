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
  find_work(next_ + 1);
}

/// Every lane whose lowest oneffset is within reach of the column's lowest shifts its weights by the difference; the
/// adder trees' sums are shifted by the common part and accumulated, pip.pipeline cycles later.
void Column::step() {
  int common = std::numeric_limits<int>::max();
  for (const auto& lane : pending_) {
    if (!lane.empty()) common = std::min(common, lane.front().power);
  }
  const int reach = (1 << spec_.first_stage_bits) - 1;
  std::vector<std::int64_t> trees(static_cast<std::size_t>(weights_.filters), 0);
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
    counters_.actions[digit_step] += terms * (trees.size() / packed_);
    counters_.actions[accumulate] += trees.size();
  }
  brick_done_ = !left;
  const Window window = *work_->window(set_.pallet, static_cast<std::int64_t>(index_));
  chosen_ = {brick_done_ && set_.last_of_window, set_.filters, window, terms > 0 ? common : 0, std::move(trees)};
}

void Column::add(const Stage& stage) {
  sums_.resize(stage.trees.size(), 0);
  for (std::size_t filter = 0; filter < stage.trees.size(); ++filter)
    sums_[filter] += stage.trees[filter] * (std::int64_t{1} << stage.common);
  if (!stage.last) return;
  result_waits_ = true;
  summed_ = stage;
}

/// What has passed the PIPs is added unless a result waits. Behind it a stage moves on when the next one is empty or
/// becomes so.
void Column::advance() {
  if (!pipe_.empty() && pipe_.back() && !result_waits_) {
    add(*pipe_.back());
    pipe_.back().reset();
  }
  for (std::size_t i = pipe_.size(); i-- > 1;) {
    if (!pipe_[i]) pipe_[i] = std::exchange(pipe_[i - 1], std::nullopt);
  }
  if (!chosen_) return;
  if (pipe_.empty())
    add(*chosen_);
  else
    pipe_.front() = std::move(chosen_);
  chosen_.reset();
}

void Column::evaluate(const ColumnView& view) {
  if (!room()) {
    ++account_[Cause::output];
  } else {
    const auto cause = free_ ? wait_cause(view) : std::nullopt;
    ++account_[cause ? *cause : Cause::busy];
    if (!cause) {
      if (free_) take(view);
      step();
    }
  }
  advance();
}

std::optional<std::int64_t> Column::commit() {
  if (took_) free_ = false;
  if (brick_done_) free_ = true;
  brick_done_ = false;
  if (result_waits_ && !latch_) {
    latch_ = WindowResult{summed_.filters, summed_.window, std::move(sums_)};
    sums_.clear();
    result_waits_ = false;
  }
  return std::exchange(took_, std::nullopt);
}

WindowResult Column::take_latch() {
  WindowResult result = std::move(*latch_);
  latch_.reset();
  return result;
}

}  // namespace rebasis::sim::bit_pragmatic
