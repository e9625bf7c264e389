// A PE, cycle by cycle: lanes that add or subtract, a tree of adders in stages, accumulation.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/pynq_ternary/clocked/group_indexer.h"

namespace rebasis::sim::pynq_ternary {

/// The registers that all PEs read: the window on a unit's channels.
struct WindowRegisters {
  std::vector<std::int32_t> values;  ///< [channels][piece rows][piece columns], the oldest column first
};

/// What a PE does with a window.
struct PeTrip {
  std::int64_t filter = 0, unit = 0;
  Piece piece;
  std::int64_t e = 0, f = 0;  ///< output position
};

/// What leaves a PE in a cycle.
struct PeResult {
  std::int64_t filter = 0, e = 0, f = 0, sum = 0;
};

class ProcessingElement {
 public:
  ProcessingElement(const Job& job, std::int64_t lanes);
  /// One cycle: every trip in the pipeline moves on by a stage. `issued`: a trip whose last column enters the window
  /// now.
  void step(const PeTrip* issued, const WindowRegisters& window, Counters& counters);
  /// The accumulation of this cycle; empty: none.
  [[nodiscard]] const std::vector<PeResult>& accumulated() const { return accumulated_; }

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
  std::vector<PeResult> accumulated_;
};

}  // namespace rebasis::sim::pynq_ternary
