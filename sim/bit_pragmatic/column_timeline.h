// When a column is at work, for `fast`: its choice of oneffsets runs ahead of the additions by pip.pipeline stages,
// which fill up while a result waits for the latch. docs/accelerators/bit-pragmatic.md, rule 7.
#pragma once

#include <algorithm>
#include <vector>

#include "sim/core/account.h"

namespace rebasis::sim::bit_pragmatic {

/// Cycles are counted from the step's first.
class ColumnTimeline {
 public:
  explicit ColumnTimeline(std::int64_t stages) : added_(static_cast<std::size_t>(stages), -1) {}
  /// Since when no brick is in progress.
  [[nodiscard]] Cycle free() const { return free_; }
  /// Since when it can take one: there is room in the pipeline too.
  [[nodiscard]] Cycle ready() const { return std::max(free_, room()); }
  /// Works for `cycles` on the brick that it takes in `begin`, not before ready(). Cycles in which it waits for room.
  Cycle work(Cycle begin, Cycle cycles) {
    free_ = begin;
    for (Cycle i = 0; i < cycles; ++i) {
      const Cycle chosen = ready();
      last_ = std::max({chosen + static_cast<Cycle>(added_.size()), last_ + 1, summed_});
      if (!added_.empty()) {
        added_[oldest_] = last_;
        oldest_ = (oldest_ + 1) % added_.size();
      }
      free_ = chosen + 1;
    }
    return free_ - begin - cycles;
  }
  /// The brick was its window's last: since when the result is in the latch.
  Cycle result() { return summed_ = std::max(last_ + 1, latch_empty_); }
  void served(Cycle when) { latch_empty_ = when; }

 private:
  [[nodiscard]] Cycle room() const { return added_.empty() ? summed_ : added_[oldest_]; }

  Cycle free_ = 0;
  Cycle summed_ = 0;          ///< since when the accumulators are free for the next window
  Cycle latch_empty_ = 0;     ///< since then
  Cycle last_ = -1;           ///< addition of the last cycle's oneffsets
  std::vector<Cycle> added_;  ///< of as many cycles' before as there are stages
  std::size_t oldest_ = 0;
};

}  // namespace rebasis::sim::bit_pragmatic
