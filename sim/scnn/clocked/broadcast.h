// The weight broadcast: takes compressed weights from the staging buffer and puts vectors on the bus of each lane.
#pragma once

#include <vector>

#include "sim/scnn/counters.h"
#include "sim/scnn/mapping.h"

namespace rebasis::sim::scnn {

class Pe;

/// A weight in flight, with the coordinates that its zero runs gave it.
struct BusWeight {
  std::int64_t filter = 0, r = 0, s = 0;
  std::int32_t value = 0;  ///< 0: a placeholder
};

/// Weight vectors of one channel and residue class that are broadcast together.
struct BusSegment {
  std::int64_t channel = 0;
  std::size_t residue = 0;
  std::vector<std::vector<BusWeight>> vectors;
  [[nodiscard]] std::size_t stored() const;
};

/// Decodes the blocks of some filters and channels and cuts them into segments.
[[nodiscard]] std::vector<BusSegment> bus_segments(const DenseLayer& layer, const arch::ScnnSpec& spec, Range filters,
                                                   Range channels);

/// One bus and the PEs on it.
class BroadcastLane {
 public:
  enum class Activity { reading, sending, no_room, done };

  /// The staging buffer delivers after `latency` cycles.
  void begin(std::vector<BusSegment> segments, std::vector<Pe*> pes, Cycle latency);
  /// One cycle.
  [[nodiscard]] Activity evaluate(const arch::ScnnSpec& spec, StepBits& bits);
  void advance();

  [[nodiscard]] const std::vector<BusSegment>& segments() const { return segments_; }
  /// What was put on the bus in the cycle before: vectors [first, last) of a segment.
  struct Shown {
    const BusSegment* segment = nullptr;
    std::size_t first = 0, last = 0;
  };
  [[nodiscard]] const Shown& shown() const { return shown_; }
  /// As of the end of this cycle.
  [[nodiscard]] bool all_sent() const { return reading_ == 0 && segment_ == segments_.size(); }

 private:
  [[nodiscard]] bool room_for(const BusSegment& segment, std::int64_t capacity) const;

  std::vector<BusSegment> segments_;
  std::vector<Pe*> pes_;
  std::vector<std::int64_t> sent_;  ///< vectors to each PE
  std::size_t segment_ = 0, vector_ = 0;
  Cycle reading_ = 0;
  Shown shown_, next_;
};

}  // namespace rebasis::sim::scnn
