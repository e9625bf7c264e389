// A column of PIPs, of all tiles: one window against all filters of a pass, a oneffset of each lane a cycle.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "sim/bit_pragmatic/clocked/set_sources.h"
#include "sim/bit_pragmatic/oneffsets.h"
#include "sim/bit_pragmatic/step_work.h"

namespace rebasis::sim::bit_pragmatic {

/// What a column sees of the others, as of the end of the cycle before.
struct ColumnView {
  const SynapseBuffer& weights;
  const Dispatcher& bricks;
  bool all_free = true;                        ///< no column is at work
  const std::vector<std::uint8_t>& all_taken;  ///< of each set: every column has taken it
};

/// A window's sums of products over the tile's channels.
struct WindowResult {
  Range filters;
  Window window;
  std::vector<std::int64_t> sums;  ///< by filter
};

class Column {
 public:
  Column(std::size_t index, const arch::BitPragmaticSpec& spec, OneffsetFormat format, std::int64_t packed,
         Counters& counters)
      : index_(index), spec_(spec), format_(format), packed_(static_cast<std::uint64_t>(packed)), counters_(counters) {}
  void prepare(std::shared_ptr<const StepWork> work);
  /// A cycle in which the step is in progress.
  void evaluate(const ColumnView& view);
  /// End of the cycle. The set that the column took in it.
  std::optional<std::int64_t> commit();

  [[nodiscard]] bool free() const { return free_; }
  [[nodiscard]] bool finished() const { return free_ && next_ == work_->sets(); }
  /// Number of the next set with work for the column.
  [[nodiscard]] std::int64_t next() const { return next_; }
  [[nodiscard]] const std::optional<WindowResult>& latch() const { return latch_; }
  WindowResult take_latch();
  [[nodiscard]] const Account& account() const { return account_; }

 private:
  friend class RegisterView;  // rtl/bench compares the registers with those of the RTL
  [[nodiscard]] std::optional<Cause> wait_cause(const ColumnView& view) const;
  void take(const ColumnView& view);
  void step();
  void find_work(std::int64_t from);

  std::size_t index_;
  const arch::BitPragmaticSpec& spec_;
  OneffsetFormat format_;
  std::uint64_t
      packed_;  ///< groups in a brick: a lane meets zeros in the filters of the others, where nothing switches
  Counters& counters_;
  Account account_;
  std::shared_ptr<const StepWork> work_;

  bool free_ = true;           ///< as the others see it
  bool brick_done_ = false;    ///< in this cycle
  bool result_waits_ = false;  ///< for the latch
  std::int64_t next_ = 0;
  std::optional<std::int64_t> took_;
  SetPosition set_;                            ///< in progress
  WeightSet weights_;                          ///< the PIPs' own copy
  std::vector<std::deque<Oneffset>> pending_;  ///< by lane
  std::vector<std::int64_t> sums_;             ///< accumulators, by filter
  std::optional<WindowResult> latch_;
};

}  // namespace rebasis::sim::bit_pragmatic
