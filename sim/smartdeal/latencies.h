// Fixed latencies between blocks: every signal between two blocks of the block diagram is registered, so it is seen
// one cycle after it is sent (docs/accelerators/smartdeal.md, "Clocking").
#pragma once

namespace rebasis::sim::smartdeal {

inline constexpr int signal_latency = 1;                       ///< lane to line, slice to slice
inline constexpr int block_start_latency = 1;                  ///< controller to lanes
inline constexpr int load_issue_latency = 2 * signal_latency;  ///< slice to controller to DMA
inline constexpr int handoff_cycles = 1;                       ///< accumulators to the adder tree's input registers

}  // namespace rebasis::sim::smartdeal
