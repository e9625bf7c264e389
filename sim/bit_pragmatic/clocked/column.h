// A column of PIPs, of all tiles: one window against all filters of a pass, a oneffset of each lane a cycle.
#pragma once

#include <algorithm>
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
      : index_(index),
        spec_(spec),
        format_(format),
        packed_(static_cast<std::uint64_t>(packed)),
        counters_(counters),
        pipe_(static_cast<std::size_t>(spec.pipeline_stages)) {}
  void prepare(std::shared_ptr<const StepWork> work);
  /// A cycle in which the step is in progress.
  void evaluate(const ColumnView& view);
  /// A cycle after it, until the last result is in the latch.
  void drain() { advance(); }
  /// End of the cycle. The set that the column took in it.
  std::optional<std::int64_t> commit();

  /// Takes a brick in the next cycle, if there is one.
  [[nodiscard]] bool free() const { return free_ && room(); }
  [[nodiscard]] bool finished() const { return free_ && next_ == work_->sets(); }
  /// Nothing in the PIPs, and no result that waits.
  [[nodiscard]] bool empty() const {
    return !result_waits_ &&
           std::none_of(pipe_.begin(), pipe_.end(), [](const auto& stage) { return stage.has_value(); });
  }
  /// Number of the next set with work for the column.
  [[nodiscard]] std::int64_t next() const { return next_; }
  [[nodiscard]] const std::optional<WindowResult>& latch() const { return latch_; }
  WindowResult take_latch();
  [[nodiscard]] const Account& account() const { return account_; }

 private:
  friend class RegisterView;  // rtl/bench compares the registers with those of the RTL
  /// Oneffsets of a cycle on their way through the PIPs.
  struct Stage {
    bool last = false;  ///< of the window
    Range filters;
    Window window;
    int common = 0;                   ///< shift of the trees' sums
    std::vector<std::int64_t> trees;  ///< by filter
  };
  [[nodiscard]] std::optional<Cause> wait_cause(const ColumnView& view) const;
  void take(const ColumnView& view);
  void step();
  void add(const Stage& stage);
  void advance();
  /// A cycle's oneffsets can enter the pipeline in the next cycle.
  [[nodiscard]] bool room() const {
    return !result_waits_ || std::any_of(pipe_.begin(), pipe_.end(), [](const auto& stage) { return !stage; });
  }
  void find_work(std::int64_t from);

  std::size_t index_;
  const arch::BitPragmaticSpec& spec_;
  OneffsetFormat format_;
  std::uint64_t
      packed_;  ///< groups in a brick: a lane meets zeros in the filters of the others, where nothing switches
  Counters& counters_;
  Account account_;
  std::shared_ptr<const StepWork> work_;

  bool free_ = true;                        ///< no brick in progress
  bool brick_done_ = false;                 ///< in this cycle
  bool result_waits_ = false;               ///< for the latch: nothing can be added
  std::optional<Stage> chosen_;             ///< in this cycle
  std::vector<std::optional<Stage>> pipe_;  ///< the oldest last
  Stage summed_;                            ///< the last of the window whose sums are complete
  std::int64_t next_ = 0;
  std::optional<std::int64_t> took_;
  SetPosition set_;                            ///< in progress
  WeightSet weights_;                          ///< the PIPs' own copy
  std::vector<std::deque<Oneffset>> pending_;  ///< by lane
  std::vector<std::int64_t> sums_;             ///< accumulators, by filter
  std::optional<WindowResult> latch_;
};

}  // namespace rebasis::sim::bit_pragmatic
