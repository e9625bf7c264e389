// A PE, cycle by cycle: lanes that add or subtract, a tree of adders in stages, accumulation.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "sim/pynq_ternary/clocked/group_indexer.h"

namespace rebasis::sim::pynq_ternary {

/// The registers that all PEs read: the window on a unit's channels.
struct WindowRegisters {
  std::vector<std::int32_t> values;  ///< [row bank][pe.kernel_columns], the newest column last
};
/// The lane of a weight at (channel of the unit, row and column of the piece). Narrow pieces use the newest columns.
[[nodiscard]] inline std::size_t lane_of(const arch::PynqTernarySpec& spec, const Piece& piece, std::int64_t channel,
                                         std::int64_t row, std::int64_t column) {
  const std::int64_t bank = channel * piece.rows.size() + row;
  return static_cast<std::size_t>(bank * spec.pe_columns + spec.pe_columns - piece.columns.size() + column);
}

/// A trip that completes an output: where its sum goes.
struct PeTrip {
  std::int64_t filter = 0, e = 0, f = 0;
};

/// A set of weight registers: which weights it holds.
struct PeWeights {
  std::int64_t filter = -1, unit = 0;
  Piece piece;
};

/// What leaves a PE in a cycle.
struct PeResult {
  std::int64_t filter = 0, e = 0, f = 0, sum = 0;
};

class ProcessingElement {
 public:
  /// Stages: 0 and 1 read the input buffer, 2 the window takes the column, 3 lanes, then the tree; the last but one
  /// reads the accumulator, the last adds and writes.
  static constexpr std::int64_t window_stage = 2, lanes_stage = 3, stages_outside_tree = 6;

  explicit ProcessingElement(const Job& job);
  /// One cycle: every trip in the pipeline moves on by a stage. `issued`: a trip whose last column is addressed now.
  /// `in_use`: the weights of the loop in this cycle. A trip in stage 1 copies them to the lanes' own registers, since
  /// the loop may go on before the trip meets the lanes.
  void step(const PeTrip* issued, const PeWeights& in_use, const WindowRegisters& window, Counters& counters);
  /// The accumulator that is read in this cycle; its value is there in the next.
  [[nodiscard]] const std::optional<PeTrip>& reads() const { return reads_; }
  /// The sum that is added to it and written in this cycle.
  [[nodiscard]] const std::optional<PeResult>& accumulates() const { return accumulates_; }

 private:
  friend class RegisterView;  // rtl/bench compares the registers with those of the RTL
  struct Flight {
    PeTrip trip;
    std::int64_t stage = 0;
    std::int64_t level = 0;  ///< levels of the tree that were passed
    std::vector<std::int64_t> operands;
  };
  void multiply(Flight& flight, const WindowRegisters& window, Counters& counters);
  void reduce(Flight& flight) const;

  const Job* job_;
  std::int64_t levels_;  ///< of the tree
  std::deque<Flight> flights_;
  PeWeights weights_;  ///< of the lanes
  std::optional<PeTrip> reads_;
  std::optional<PeResult> accumulates_;
};

}  // namespace rebasis::sim::pynq_ternary
