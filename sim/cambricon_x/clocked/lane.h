// A lane of the indexing module: adds steps, and takes the neurons that they point at out of the line registers.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/cambricon_x/clocked/program.h"
#include "sim/core/account.h"

namespace rebasis::sim::cambricon_x {

/// Lines of neurons in the buffer controller.
struct LineRegisters {
  std::vector<std::vector<int>> line;  ///< by number modulo their count
  std::int64_t read = 0;               ///< lines of this step that were read
  [[nodiscard]] const std::vector<int>& at(std::int64_t number) const {
    return line[static_cast<std::size_t>(number) % line.size()];
  }
};

/// Operands on their way to a PE.
struct Selection {
  bool valid = false;
  std::size_t step = 0;
  std::int64_t filter = 0, position = 0;  ///< output that they belong to; position in the tile
  bool last = false;                      ///< of that output
  std::vector<int> neurons;
};

class Lane {
 public:
  enum class Doing { nothing, takes, scans, waits };

  /// `program` outlives the step.
  void begin(const Program& program, std::size_t lane, std::int64_t positions);
  /// One cycle. `shown`: the registers at its beginning.
  Selection work(const LineRegisters& shown, std::int64_t multipliers, std::size_t step);
  /// The line that it needs next, counted over the step; behind the last when it is done.
  [[nodiscard]] std::int64_t next_line() const;
  [[nodiscard]] bool done() const { return position_ == positions_; }
  /// In the last cycle.
  [[nodiscard]] Doing doing() const { return doing_; }
  /// Bits of steps and counts consumed by the output that the last cycle began; 0 when it began none.
  [[nodiscard]] std::int64_t index_bits_begun() const { return index_bits_; }

 private:
  [[nodiscard]] const LaneFilter& filter() const { return (*filters_)[filter_]; }
  void next_filter();

  const std::vector<LaneFilter>* filters_ = nullptr;
  std::int64_t lines_ = 0, positions_ = 0;  ///< lines of a position
  std::int64_t position_ = 0;
  std::size_t filter_ = 0;   ///< in filters_
  std::size_t synapse_ = 0;  ///< next of the filter
  std::int64_t at_ = -1;     ///< candidate of the synapse before
  std::int64_t line_ = 0;    ///< that it examines, of the position
  bool fresh_ = true;        ///< nothing of the filter was examined
  Doing doing_ = Doing::nothing;
  std::int64_t index_bits_ = 0;
};

}  // namespace rebasis::sim::cambricon_x
