// A processing element: synapse buffer, multipliers, adder tree, accumulator.
#pragma once

#include <cstdint>
#include <deque>

#include "sim/cambricon_x/clocked/lane.h"
#include "sim/core/dma.h"

namespace rebasis::sim::cambricon_x {

/// A finished sum on its way to NBout.
struct PeResult {
  bool valid = false;
  std::size_t step = 0;
  std::int64_t filter = 0, position = 0, sum = 0;
};

class Pe {
 public:
  /// `tree`: stages of the adder tree.
  explicit Pe(std::int64_t tree) : tree_(tree) {}
  /// One cycle: multiplies the operands that were shown, `synapses` being the PE's of that step; accumulates what
  /// leaves the tree. Returns the sum of an output when it is complete.
  PeResult work(const Selection& operands, const std::vector<LaneFilter>* synapses, Cycle now);
  /// Products of the last cycle with a synapse that is not zero, and all.
  [[nodiscard]] std::uint64_t effective_products() const { return effective_; }
  [[nodiscard]] std::uint64_t products() const { return products_; }

 private:
  void multiply(const Selection& operands, const std::vector<LaneFilter>& synapses, Cycle now);

  struct InTree {
    Cycle due = 0;
    std::int64_t sum = 0;
    PeResult of;
  };
  std::int64_t tree_;
  std::size_t step_ = SIZE_MAX, filter_ = 0, synapse_ = 0;  ///< place in the synapse buffer
  std::deque<InTree> in_tree_;
  std::int64_t accumulator_ = 0;
  std::uint64_t effective_ = 0, products_ = 0;
};

}  // namespace rebasis::sim::cambricon_x
