// Controller, cycle by cycle: starts blocks when their data is there, and has the DMA load the next ones.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/dma.h"
#include "sim/smartdeal/clocked/pe_slice.h"

namespace rebasis::sim::smartdeal {

class Controller {
 public:
  Controller(const Context& context, const std::vector<PeSlice>& slices, Dma& dma);

  /// `passed`: tiles that the index selectors have passed, as seen at the start of the cycle.
  void evaluate(Cycle now, std::size_t passed);
  void commit();
  /// Cycles from which the started blocks may be read, as seen by the lanes.
  [[nodiscard]] const std::vector<Cycle>& started() const { return started_visible_; }
  /// Tiles that every slice has finished, and handed to the adder trees.
  [[nodiscard]] std::size_t all_done() const;
  [[nodiscard]] std::size_t all_handed_off() const;

 private:
  [[nodiscard]] bool may_start(Cycle now, std::size_t block) const;

  const Context& context_;
  const std::vector<PeSlice>& slices_;
  Dma& dma_;
  std::vector<std::size_t> first_step_;  ///< of each block, and the end
  std::vector<Cycle> started_, started_visible_;
  std::size_t finished_blocks_ = 0;
};

}  // namespace rebasis::sim::smartdeal
