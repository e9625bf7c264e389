// What travels between the blocks of the clocked model.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/core/dma.h"
#include "sim/smartdeal/fast.h"
#include "sim/smartdeal/mapping.h"
#include "sim/smartdeal/schedule.h"

namespace rebasis::sim::smartdeal {

/// A tile in the order of computation over the whole layer.
struct TileStep {
  std::size_t block = 0;
  std::int64_t tile_index = 0;
  Tile tile;
  std::int64_t since_weights = 0;   ///< tiles since the weights in use were loaded
  std::int64_t weight_epoch = 0;    ///< number of that load
  std::int64_t resident_tiles = 0;  ///< tiles that those weights serve in all
};

/// The tiles of all blocks in order.
[[nodiscard]] std::vector<TileStep> tile_steps(const LayerShape& shape, const Mapping& mapping, std::int64_t dim_F);

/// When blocks may be read (`started`), and when they could have been but for decoding their weights.
struct BlockTimes {
  const std::vector<Cycle>& started;
  const std::vector<Cycle>& loaded;
};

/// A row segment sent to lines of one lane, with the pair it belongs to.
struct Packet {
  Candidate pair;
  std::size_t step = 0;              ///< index of the TileStep
  bool new_row = false;              ///< the weight row has not been sent in this tile
  std::int64_t region = -1;          ///< basis region; -1 for original weights
  std::vector<std::int16_t> values;  ///< FIFO contents: activations of the phase, from the first tap's shift
  Cycle block_loaded = 0, block_ready = 0, selected = 0, port_free = 0, basis_ready = 0, granted = 0, arrived = 0;
};
using PacketPtr = std::shared_ptr<const Packet>;

/// Static facts that every core of the clocked model reads.
struct Context {
  const LayerJob& job;
  const arch::SmartDealSpec& spec;
  const LayerShape& shape;
  const WeightLayout& layout;
  Mode mode;
  std::vector<TapGroup> groups;
  std::vector<TileStep> steps;
  std::int64_t engines = 1;  ///< bases that a line holds at once

  explicit Context(const LayerJob& layer_job);
  [[nodiscard]] const Block& block(std::size_t step) const { return job.mapping.blocks[steps[step].block]; }
  /// Slices with a filter in this step.
  [[nodiscard]] std::int64_t active_slices(std::size_t step) const {
    return std::min(mode.slices, block(step).pass.filters);
  }
  /// Filters that `slice` computes in this step.
  [[nodiscard]] std::vector<std::int64_t> filters(std::size_t step, std::int64_t slice) const;
  /// Bases of a filter in the step's pass, and the region that a row belongs to.
  [[nodiscard]] std::int64_t bases(std::size_t step) const;
  [[nodiscard]] std::int64_t region(std::size_t step, std::int64_t row) const;
  [[nodiscard]] std::int64_t last_region(std::size_t step) const;
  /// Some filter of `slice` has a non-zero element in the row.
  [[nodiscard]] bool slice_needs(std::size_t step, std::int64_t slice, std::int64_t row) const;
  [[nodiscard]] bool row_is_zero(std::int64_t filter, std::int64_t row) const {
    return job.layer.nonzeros[static_cast<std::size_t>(filter * layout.rows + row)] == 0;
  }
};

}  // namespace rebasis::sim::smartdeal
