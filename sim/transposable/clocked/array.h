// The array's registers: operands, weights or sums in place, and the pipeline of results on their way to the output
// buffer.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "sim/transposable/clocked/walk.h"
#include "sim/transposable/counters.h"
#include "sim/transposable/reference.h"

namespace rebasis::sim::transposable {

/// What is read from the buffers in one cycle: a position of a block.
struct Issue {
  const WalkBlock* block = nullptr;
  const MapPosition* position = nullptr;
  std::vector<std::int32_t> columns;  ///< operands of the columns: X, or dY in backward_data
  std::vector<std::int32_t> rows;     ///< of the rows, in backward_weight: dY
  bool first = false, last = false;   ///< of the block
};

/// Sums for the output buffer, with their places in the results.
struct Result {
  std::vector<std::pair<std::size_t, std::int64_t>> sums;
};

/// Weights or sums of a block, by row and column of the array.
struct Plane {
  const WalkBlock* block = nullptr;
  std::vector<std::int64_t> values;
  std::int64_t done = 0;  ///< rows loaded, or columns taken out
};

class Array {
 public:
  Array(const Job& job, const arch::TransposableSpec& spec, Counters& counters)
      : job_(job), spec_(spec), counters_(counters) {}

  /// One cycle: the operands that were read in the cycle before meet the weights; a column of finished sums leaves.
  void evaluate(const std::optional<Issue>& operands);
  /// Takes over; `weights`: the plane that the next operands meet, when it changes.
  void commit(std::optional<Plane> weights);
  /// What leaves the array in this cycle.
  [[nodiscard]] const std::optional<Result>& result() const { return result_; }
  [[nodiscard]] bool draining() const { return drain_.has_value(); }

 private:
  void multiply(const Issue& issue);
  void accumulate(const Issue& issue);
  void take_out();
  [[nodiscard]] std::size_t place(std::int64_t channel_or_filter, const MapPosition& position) const;

  const Job& job_;
  const arch::TransposableSpec& spec_;
  Counters& counters_;
  Plane weights_;
  Plane sums_;
  std::optional<Plane> drain_, finished_;
  std::optional<Result> result_, next_;
};

}  // namespace rebasis::sim::transposable
