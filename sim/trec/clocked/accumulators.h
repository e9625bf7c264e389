// The bucket table and the sums of the buckets.
#pragma once

#include <array>
#include <deque>
#include <vector>

#include "sim/trec/clocked/hash.h"

namespace rebasis::sim::trec {

/// Sums of the buckets of a slice, by column and slot.
struct BucketSums {
  struct Bucket {
    std::uint32_t number = 0;
    std::int64_t members = 0;
    std::vector<std::int64_t> sums;
  };
  std::vector<std::vector<Bucket>> columns;
};

/// Gives each sub-vector the slot of its bucket and adds it to the bucket's sums: a row of each of several columns in
/// different banks a cycle, in a pipeline of reading, adding and writing.
class Accumulators {
 public:
  Accumulators(const ReuseLayer& layer, const arch::TrecSpec& spec, Counters& counters);
  void begin(const StepWork& work);
  void evaluate(const Done& done, const Hashed& hashed, Cycle now);
  void commit();
  /// Sub-vectors of the slice whose accumulation has begun, as of the end of the cycle before.
  [[nodiscard]] std::int64_t started() const { return started_shown_; }
  /// Slices that are complete, for the next cycle.
  [[nodiscard]] std::int64_t finished() const { return finished_; }
  /// Of a complete slice.
  [[nodiscard]] const BucketSums& sums(std::int64_t slice) const {
    return halves_[static_cast<std::size_t>(slice % 2)];
  }
  /// Slots [column][row] of a complete slice.
  [[nodiscard]] const std::vector<std::vector<std::int64_t>>& slots(std::int64_t slice) const {
    return ids_[static_cast<std::size_t>(slice % arch::TrecSpec::id_banks)];
  }

 private:
  /// A row of sums on its way: read, added to, written.
  struct Update {
    std::size_t column = 0, slot = 0;
    std::int64_t piece = 0;
    Cycle at = 0;
    bool fresh = false;
    std::vector<std::int64_t> read;  ///< sums, and the number of members with the first piece
    std::vector<std::int64_t> addends;
    [[nodiscard]] bool same_row(const Update& other) const {
      return column == other.column && slot == other.slot && piece == other.piece;
    }
  };
  void enter_slice(std::int64_t slice);
  void advance_updates(Cycle now);
  void write(const Update& update);
  [[nodiscard]] std::vector<std::int64_t> stored(const Update& update) const;
  [[nodiscard]] Cause work(Cycle now);
  [[nodiscard]] Update update_of(std::size_t column, Cycle now) const;
  bool operate(Cycle now);
  void look_up(Update& update);
  Cause clear(Cycle now);
  void add(std::size_t action, std::int64_t count) { counters_.actions[action] += static_cast<std::uint64_t>(count); }
  BucketSums& half() { return halves_[static_cast<std::size_t>(slice_ % 2)]; }

  const ReuseLayer& layer_;
  const arch::TrecSpec& spec_;
  Counters& counters_;
  StepWork work_;
  std::int64_t slice_ = -1, finished_ = 0, started_ = 0, started_shown_ = 0;
  Range columns_;
  std::int64_t rows_left_ = 0;  ///< sub-vectors of the slice that have not been accumulated
  std::deque<Hashed> queue_;
  std::size_t column_ = 0;  ///< of the first in the queue
  std::int64_t piece_ = 0;
  Cycle port_free_ = 0, last_operation_ = 0;
  std::vector<std::vector<std::int64_t>> table_;  ///< [column][bucket]: slot, -1 when the entry is not valid
  std::vector<std::size_t> cleared_;              ///< entries of each column that were made invalid again
  std::vector<bool> fresh_;                       ///< the first in the queue opened its bucket, by column
  std::deque<Update> updates_;
  std::array<BucketSums, 2> halves_;
  std::array<std::vector<std::vector<std::int64_t>>, arch::TrecSpec::id_banks> ids_;
};

}  // namespace rebasis::sim::trec
