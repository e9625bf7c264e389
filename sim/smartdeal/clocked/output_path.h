// Output FIFOs' port, output global buffer and its hand-over to the DMA, cycle by cycle.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/dma.h"
#include "sim/smartdeal/clocked/pe_slice.h"

namespace rebasis::sim::smartdeal {

class OutputPath {
 public:
  OutputPath(const Context& context, std::vector<PeSlice>& slices, Dma& dma);

  void evaluate(Cycle now, Counters& counters);
  /// All tile groups are in DRAM.
  [[nodiscard]] bool finished(Cycle now) const;
  [[nodiscard]] Cycle port_free() const { return port_free_; }
  [[nodiscard]] Cycle last_write_done() const;
  [[nodiscard]] bool busy(Cycle now) const { return port_free_ > now; }
  /// Outputs [M][E][F] before requantisation, without bias.
  [[nodiscard]] const std::vector<std::int64_t>& outputs() const { return outputs_; }
  [[nodiscard]] const std::vector<Cycle>& drained() const { return drained_; }  ///< by tile group
  [[nodiscard]] const std::vector<std::size_t>& steps() const { return steps_; }

 private:
  [[nodiscard]] bool slot_ready(Cycle now) const;
  void take(Cycle now, SliceOutput&& output, Counters& counters);
  void finish_slice(Cycle end);

  const Context& context_;
  std::vector<PeSlice>& slices_;
  Dma& dma_;
  std::vector<OutputBatch> batches_;
  std::vector<std::size_t> steps_;  ///< the tile step of each group
  std::vector<std::size_t> write_job_, read_job_;
  std::size_t group_ = 0;                 ///< tile group in transfer or next
  std::size_t batch_ = 0, in_batch_ = 0;  ///< bank that is being filled, and the groups in it
  std::int64_t slice_ = 0;
  bool slot_taken_ = false, transferring_ = false;
  Cycle port_free_ = 0;
  std::vector<std::int64_t> outputs_;
  std::vector<Cycle> drained_;
};

}  // namespace rebasis::sim::smartdeal
