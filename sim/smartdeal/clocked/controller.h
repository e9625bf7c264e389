// Controller, cycle by cycle: starts blocks when their data is there, and has the DMA load the next ones.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/dma.h"
#include "sim/smartdeal/clocked/huffman_decoders.h"
#include "sim/smartdeal/clocked/pe_slice.h"

namespace rebasis::sim::smartdeal {

class Controller {
 public:
  Controller(const Context& context, const std::vector<PeSlice>& slices, Dma& dma, const HuffmanDecoders& decoders);

  /// `passed`: tiles that the index selectors have passed, as seen at the start of the cycle.
  void evaluate(Cycle now, std::size_t passed);
  void commit();
  /// Cycles from which the blocks may be read, and could have been but for decoding, as seen by the lanes.
  [[nodiscard]] BlockTimes blocks() const { return {started_visible_, loaded_visible_}; }
  [[nodiscard]] const std::vector<Cycle>& started() const { return started_visible_; }
  /// When each block's load was given to the DMA.
  [[nodiscard]] const std::vector<Cycle>& load_issued() const { return load_issued_; }
  /// Tiles that every slice has finished, and handed to the adder trees.
  [[nodiscard]] std::size_t all_done() const;
  [[nodiscard]] std::size_t all_handed_off() const;

 private:
  void issue_load(std::size_t block, Cycle at);
  [[nodiscard]] bool loaded(Cycle now, std::size_t block) const;

  const Context& context_;
  const std::vector<PeSlice>& slices_;
  Dma& dma_;
  const HuffmanDecoders& decoders_;
  std::vector<std::size_t> first_step_;  ///< of each block, and the end
  std::vector<Cycle> started_, started_visible_, loaded_, loaded_visible_, load_issued_;
  std::size_t finished_blocks_ = 0;
};

}  // namespace rebasis::sim::smartdeal
