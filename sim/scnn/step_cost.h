// Time and counts of a step in `fast`: a group of filters on a planar tile, or a chunk of its channels.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "sim/core/sequence/step_plan.h"
#include "sim/scnn/conflicts.h"
#include "sim/scnn/counters.h"
#include "sim/scnn/drain.h"
#include "sim/scnn/mapping.h"
#include "sim/scnn/patterns.h"

namespace rebasis::sim::scnn {

/// What a step is: number of its tile, group and chunk.
struct StepId {
  std::size_t tile = 0, group = 0;
  std::int64_t chunk = 0;
};
[[nodiscard]] StepId step_id(const Mapping& mapping, std::size_t step);
[[nodiscard]] Drain drain_of_step(const Mapping& mapping, const StepId& id, const arch::ScnnSpec& spec);

class StepCosts {
 public:
  /// All outlive it.
  StepCosts(const DenseLayer& layer, const Mapping& mapping, const Activations& image, const arch::ScnnSpec& spec);
  StepCost operator()(std::size_t step, Counters& counters);

 private:
  /// A PE during a step: cycles from the step's first.
  struct Pe {
    Cycle finished = 0;  ///< with the segments so far
    std::size_t fifo = 0;
    std::deque<std::pair<Cycle, std::size_t>> held;  ///< segments in its FIFO: when finished, vectors
    std::vector<std::uint8_t> queue;                 ///< products at each bank
  };
  struct Lane {
    std::vector<std::size_t> pes;
    Cycle bus_free = 0, bus_busy = 0;
  };
  void enter_tile(std::size_t tile);
  void run_lane(const WeightStream& weights, Range channels, Lane& lane, Counters& counters);
  void run_segment(const WeightBlock& block, Lane& lane, Counters& counters);
  /// Cycles of a PE for the segment; counts its products.
  Cycle work(Pe& pe, std::span<const std::uint32_t> vectors, Counters& counters);
  Cycle work_with_queues(Pe& pe, std::span<const std::uint32_t> vectors, Counters& counters);
  void drain_queues(Counters& counters);
  [[nodiscard]] const SegmentCost& cost_of(std::uint32_t pattern);
  void settle(Cycle issue, const std::vector<Lane>& lanes, Counters& counters);
  [[nodiscard]] std::size_t tile_pe(std::size_t pe) const { return mapping_.fully_connected ? 0 : pe; }

  const DenseLayer& layer_;
  const Mapping& mapping_;
  const Activations& image_;
  const arch::ScnnSpec& spec_;
  Segment segment_;
  std::size_t tile_ = SIZE_MAX;
  std::unique_ptr<TilePatterns> patterns_;
  std::vector<SegmentCost> costs_;        ///< of the segment in work, by pattern
  std::vector<std::uint64_t> known_for_;  ///< the segment that an entry of costs_ is of
  std::uint64_t segment_number_ = 0;
  std::vector<Pe> pes_;
  StepBits bits_;
  std::uint64_t landed_ = 0;
};

}  // namespace rebasis::sim::scnn
