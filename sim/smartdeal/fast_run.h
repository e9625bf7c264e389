// One run of the `fast` fidelity: the state of its recurrences. Used by run_fast() only.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "sim/smartdeal/coefficient_decoders.h"
#include "sim/smartdeal/fast.h"
#include "sim/smartdeal/line_bank.h"
#include "sim/smartdeal/output_port.h"
#include "sim/smartdeal/pass_weights.h"

namespace rebasis::sim::smartdeal {

/// An input-buffer lane with its index selector.
struct Lane {
  Time selector_free = 0;  ///< the port has taken the last selection
  Time port_free = 0;
};

class FastRun {
 public:
  FastRun(const LayerJob& job, const DramPort& port);
  LayerRun run();

 private:
  void issue_load(std::size_t index, Cycle at);
  void start_block(std::size_t index);
  /// When a selector that is free at `since` may scan the tile: its block has started, the first word of the index is
  /// there, and the slices are not too far behind. Charges the wait.
  Time begin_scan(Time since);
  void switch_weights(std::size_t index);
  void run_tile(const Block& block, std::int64_t tile_index);
  void run_lane(const Block& block, const Tile& tile, std::size_t lane);
  void deliver(const Candidate& candidate, const Tile& tile, std::size_t lane, Time scan);
  Time enter_basis_region(const Candidate& candidate, Time at);
  void prefetch_basis(const Candidate& candidate, Time at);
  void count_basis(std::int64_t slice, std::int64_t matrices);
  void count_item(const Candidate& candidate, const ItemCost& cost, const RowSums& sums, std::int64_t entries,
                  std::int64_t width, bool new_row);
  void end_tile(const Block& block, const Tile& tile, std::int64_t tile_index);
  void finish();
  void close_lines(Time end);
  [[nodiscard]] std::int64_t region_of(std::int64_t row) const;
  static Time time(Cycle cycle);

  const LayerJob& job_;
  const arch::SmartDealSpec& spec_;
  const LayerShape& shape_;
  const WeightLayout& layout_;
  Mode mode_;
  LayerRun out_;
  Dma dma_;
  OutputPort output_;
  CoefficientDecoders decoders_;
  std::vector<LineBank> lines_;
  std::vector<Lane> lanes_;
  SliceTimes slices_;
  std::map<std::pair<std::int64_t, std::int64_t>, PassWeights> weights_;
  const PassWeights* pass_ = nullptr;
  std::size_t block_index_ = 0;
  Time block_loaded_ = 0, block_ready_ = 0;
  std::vector<Cycle> load_issued_;   ///< of each block
  Time tile_end_ = 0;                ///< last tile: all slices done
  Time selectors_end_ = 0;           ///< last tile: all selectors past it
  Time tile_open_ = 0;               ///< the slices have handed over enough tiles for this one to be scanned
  std::vector<Time> gates_;          ///< by tile: all slices had handed it and those before over
  std::int64_t resident_tiles_ = 0;  ///< tiles since the weights were loaded
  std::int64_t last_region_ = 0;
  std::vector<std::int64_t> region_;  ///< basis region by line and slice; -1 before the first
  std::vector<std::int64_t> basis_;   ///< last basis whose fetch was started, by line and slice
  std::vector<std::pair<std::int64_t, std::int64_t>> lane_row_;  ///< (row, slice) last delivered in this tile
  std::size_t engines_;                                          ///< bases that a line holds at once
  std::int64_t row_bytes_, basis_cycles_;
  Waits waits_;
  std::vector<std::size_t> emitted_;  ///< tiles that left the array, in LayerRun::tiles
};

}  // namespace rebasis::sim::smartdeal
