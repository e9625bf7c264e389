// The way out of the array in `fast`: slice FIFOs, the port of the output buffer, its slots, and the DMA writes.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "arch/smartdeal/spec.h"
#include "sim/core/dma.h"
#include "sim/smartdeal/counters.h"
#include "sim/smartdeal/mapping.h"
#include "sim/smartdeal/pass_weights.h"

namespace rebasis::sim::smartdeal {

/// The DMA is shared with the block loads, so it may only be run ahead to a time before which everything it will be
/// asked for is known. Tiles therefore wait here until someone needs to know when they left.
class OutputPort {
 public:
  OutputPort(const arch::SmartDealSpec& spec, const LayerShape& shape, const Mapping& mapping, Dma& dma,
             Counters& counters);

  /// Earliest cycle at which slice `slice`'s FIFO takes another tile.
  Cycle room(std::int64_t slice);
  /// The pass's slices hand over a tile at the given cycles; its outputs move to the output buffer slice by slice.
  void push(const Block& block, const Tile& tile, const PassWeights& pass, std::vector<Cycle> handoff);
  /// Completion of block load `job`.
  Cycle finish_load(std::size_t job);
  /// When the last group is in DRAM; all tiles have left then.
  Cycle finish();
  [[nodiscard]] Cycle port_free() const { return port_free_; }
  /// When the last output of each pushed tile was in the output buffer.
  [[nodiscard]] const std::vector<Cycle>& drained() const { return drained_; }

 private:
  struct Pending {
    const Block* block;
    Tile tile;
    const PassWeights* pass;
    std::vector<Cycle> handoff;
  };
  /// Lets every tile leave whose slot is known to be free.
  void settle();
  [[nodiscard]] Cycle slot_free() const;
  void drain(const Pending& pending);
  void issue(Cycle at);
  void step();

  const arch::SmartDealSpec& spec_;
  std::int64_t summed_lines_;
  Dma& dma_;
  Counters& counters_;
  std::vector<OutputBatch> batches_;
  std::vector<std::size_t> write_job_, read_job_;  ///< of each batch issued so far
  std::size_t slots_;
  std::size_t in_batch_ = 0;  ///< tile groups in the bank that is being filled
  std::deque<Pending> pending_;
  std::vector<std::vector<Cycle>> left_;  ///< by slice: when each tile it handed over had left the FIFO
  std::vector<std::size_t> handed_;       ///< tiles that each slice handed over
  std::vector<Cycle> drained_;
  Cycle port_free_ = 0;
};

/// Output-buffer bytes of one slice in a tile group, and cycles of the output port for it.
[[nodiscard]] std::int64_t slice_output_bytes(const Block& block, const Tile& tile, std::int64_t filters,
                                              const arch::SmartDealSpec& spec);
[[nodiscard]] std::int64_t output_port_bytes(const arch::SmartDealSpec& spec);
/// Lines of a slice whose partial sums the adder tree adds: kernel rows of a depthwise layer, all otherwise.
[[nodiscard]] std::int64_t summed_lines(const LayerShape& shape, const arch::SmartDealSpec& spec);
/// Actions of one slice's outputs of a tile, from the adder tree to the DMA.
void count_outputs(const Block& block, const Tile& tile, std::int64_t filters, const arch::SmartDealSpec& spec,
                   std::int64_t lines, Counters& counters);

}  // namespace rebasis::sim::smartdeal
