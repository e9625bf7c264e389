// A PE slice, cycle by cycle: dim_C lines whose partial sums an adder tree collects at the end of each output tile.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/smartdeal/clocked/pe_line.h"

namespace rebasis::sim::smartdeal {

/// Partial sums of one slice and tile on their way to the output buffer.
struct SliceOutput {
  std::size_t step = 0;
  Cycle ready = 0;                 ///< out of the adder tree
  std::vector<std::int64_t> sums;  ///< [filters][width]
};

class PeSlice {
 public:
  PeSlice(const Context& context, std::int64_t index);

  [[nodiscard]] PeLine& line(std::int64_t i) { return lines_[static_cast<std::size_t>(i)]; }
  [[nodiscard]] const PeLine& line(std::int64_t i) const { return lines_[static_cast<std::size_t>(i)]; }

  /// `passed`: tiles that every index selector has passed; `all_done`: tiles that every slice has finished (array.sync:
  /// array). Both as seen at the start of the cycle.
  void evaluate(Cycle now, std::size_t passed, std::size_t all_done, Counters& counters);
  void commit();

  // Seen by the others.
  [[nodiscard]] std::size_t tiles_done() const {
    return tiles_done_visible_;
  }  ///< steps this slice has finished or skips
  [[nodiscard]] std::size_t tiles_handed_off() const { return handed_off_visible_; }
  [[nodiscard]] bool basis_idle() const;
  [[nodiscard]] const SliceEvents& events() const { return events_; }
  [[nodiscard]] std::deque<SliceOutput>& outputs() { return outputs_; }
  void output_drained() { ++drained_; }
  [[nodiscard]] std::int64_t working_lines() const;
  [[nodiscard]] const std::vector<TileTimes>& times() const { return times_; }

 private:
  friend class RegisterView;  // rtl/bench compares the registers with those of the RTL
  [[nodiscard]] bool active(std::size_t step) const { return index_ < context_.active_slices(step); }
  void skip_inactive();
  void hand_off(Cycle now);

  const Context& context_;
  std::int64_t index_;
  std::vector<PeLine> lines_;
  std::size_t step_ = 0;
  bool local_done_ = false;  ///< this slice's lines have finished the tile
  bool tile_done_ = false;   ///< and those it waits for
  SliceEvents events_;
  std::size_t tiles_done_visible_ = 0, handed_off_visible_ = 0;
  std::deque<SliceOutput> outputs_;  ///< output FIFO
  std::deque<SliceOutput> leaving_;  ///< seen by the output port from the next cycle on
  std::int64_t handed_ = 0, drained_ = 0, drained_visible_ = 0;
  std::vector<std::int64_t> kept_;  ///< accumulators over chunks of the channels (restream)
  std::vector<TileTimes> times_;    ///< done of each step
};

}  // namespace rebasis::sim::smartdeal
