// The binary group indexer, cycle by cycle: each PE's part walks over the index bits of the PE's filters and offers the
// next group that is not all zero. In the reference design a counter offers every group.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/core/counters.h"
#include "sim/pynq_ternary/job.h"

namespace rebasis::sim::pynq_ternary {

/// Filters against one unit of their channels and one piece of their kernels.
struct FilterRow {
  std::int64_t first_filter = 0, filters = 0, unit = 0;
  Piece piece;
};
[[nodiscard]] std::vector<FilterRow> rows_of(const Job& job, const ConvTile& tile);

/// One weight group for each PE.
struct WeightSet {
  FilterRow row;
  bool new_row = true;                ///< the first of its row
  std::vector<std::int64_t> filters;  ///< by PE; -1: none left
};

class GroupIndexer {
 public:
  explicit GroupIndexer(const Job& job) : job_(&job) {}
  /// Its first index bits come weight_buffer.read_latency cycles later.
  void begin_step(const ConvTile& tile);
  /// The next state after a cycle in which the offered set was or was not taken.
  void step(bool taken, Counters& counters);
  [[nodiscard]] bool offers() const { return offers_; }
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] const WeightSet& set() const { return set_; }
  [[nodiscard]] std::size_t row() const { return row_; }
  /// Index bits are at hand; those that follow are read ahead.
  [[nodiscard]] bool has_bits() const { return reading_ == 0; }
  /// Cycles in which index bits were examined.
  [[nodiscard]] std::int64_t busy_cycles() const { return busy_; }

 private:
  friend class RegisterView;  // rtl/bench compares the registers with those of the RTL
  struct Scanner {
    std::int64_t position = 0, length = 0;
    bool settled = false;  ///< found a group, or at its end
  };
  void begin_row();
  void next_row();
  void clear_set(bool new_row);
  void examine(std::size_t pe, Counters& counters);
  void offer_all();
  [[nodiscard]] bool at_end() const;

  const Job* job_;
  std::shared_ptr<const std::vector<FilterRow>> rows_;  ///< of the step; a state is copied every cycle
  std::size_t row_ = 0;
  std::vector<Scanner> scanners_;
  WeightSet set_;
  bool offers_ = false, done_ = true;
  Cycle reading_ = 0;  ///< until the first index bits of the step are there
  std::int64_t busy_ = 0;
};

}  // namespace rebasis::sim::pynq_ternary
