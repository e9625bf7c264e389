// The AXI HP ports between the DMA and the memory: 64-bit beats at the fabric's clock, reads and writes apart.
// docs/accelerators/pynq-z1-ternary.md, "AXI".
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "arch/pynq_ternary/spec.h"
#include "sim/core/dma.h"

namespace rebasis::sim::pynq_ternary {

/// A burst on a channel. Beats move one a cycle, the first not before `earliest` nor before the channel's earlier
/// bursts.
struct AxiBurst {
  std::size_t channel = 0;  ///< port * 2, + 1 for writes
  Cycle earliest = 0;
  std::int64_t beats = 0;
  Cycle last_beat_done = 0;  ///< promised
};

/// When the bursts of both directions are done: what the DMA is told when it issues them.
class AxiPorts {
 public:
  AxiPorts(const arch::PynqTernarySpec& spec, DramPort memory);
  /// Completion of the request as the DMA sees it. `now` never falls.
  Cycle access(const DramRequest& request, Cycle now);
  /// The burst of the last access.
  [[nodiscard]] const AxiBurst& last_burst() const { return last_; }
  [[nodiscard]] std::int64_t beats() const { return beats_; }

 private:
  std::int64_t ports_, latency_;
  DramPort memory_;
  std::vector<Cycle> free_;          ///< of each channel
  std::int64_t issued_[2] = {0, 0};  ///< reads, writes
  Cycle completed_[2] = {0, 0};      ///< the DMA takes the bursts of a direction in their order
  std::int64_t beats_ = 0;
  AxiBurst last_;
};

/// The same channels, stepped beat by beat; fails (internal) when a burst ends at another cycle than promised.
class AxiBeats {
 public:
  explicit AxiBeats(const arch::PynqTernarySpec& spec) : channels_(static_cast<std::size_t>(2 * spec.axi_ports)) {}
  void add(const AxiBurst& burst) { arrived_.push_back(burst); }
  /// One cycle; sees the bursts that were added in earlier cycles.
  void step(Cycle now);
  void commit();
  [[nodiscard]] std::int64_t beats() const { return beats_; }

 private:
  struct Channel {
    std::deque<AxiBurst> queue;
    std::int64_t moved = 0;  ///< beats of the first
  };
  std::vector<Channel> channels_;
  std::vector<AxiBurst> arrived_;
  std::int64_t beats_ = 0;
};

}  // namespace rebasis::sim::pynq_ternary
