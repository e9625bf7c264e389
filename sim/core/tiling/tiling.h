// How a convolution is cut to fit the buffers of a block-wise accelerator and in which order the tiles run: an
// exhaustive search over tile sizes and loop orders. docs/accelerators/common.md, "Mapping".
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/layer_plan.h"
#include "sim/core/sequence/step_plan.h"
#include "workloads/layer_shape.h"

namespace rebasis::sim {

/// Sizes of a tile; the last of each dimension may be smaller. More than one convolution group only with all filters
/// and channels of each.
struct TileSize {
  std::int64_t groups = 1, filters = 1, channels = 1, rows = 1, columns = 1;
  bool operator==(const TileSize&) const = default;
};

/// Order of the loops over tiles, outermost first, within the loop over groups: M filters, C channels, S space.
enum class LoopOrder : std::size_t { m_s_c, s_m_c, m_c_s, s_c_m };
[[nodiscard]] const char* name(LoopOrder order);

/// Weights of a tile as they are stored, in DRAM and in the buffer.
struct WeightBytes {
  std::uint64_t weights = 0, index = 0;
  [[nodiscard]] std::uint64_t total() const { return weights + index; }
};

/// What a model tells the tiler about a layer and its buffers.
struct TilingProblem {
  LayerShape shape;
  std::string layer;                   ///< name, for messages
  std::int64_t input_bytes = 1;        ///< of an activation
  std::int64_t output_bytes = 1;       ///< of an output on its way to DRAM
  std::int64_t partial_sum_bytes = 4;  ///< of a partial sum, in the output buffer and in DRAM
  std::int64_t accumulator_bytes = 4;  ///< of an output while its tile is in the output buffer
  bool sums_in_array = false;          ///< with all channels in a tile, only finished outputs enter the output buffer
  std::int64_t input_buffer = 0, weight_buffer = 0, output_buffer = 0;  ///< bytes, all banks
  std::int64_t banks = 2;  ///< tiles that each holds when it must hold more than one
  TileSize granule;        ///< sizes are multiples of these (or the whole dimension)
  /// Stored bytes of the weights of a tile (its groups, filters and channels). Called often.
  std::function<WeightBytes(const ConvTile&)> weights;
  /// Estimated cycles of computing a tile. Called often.
  std::function<double(const ConvTile&)> cycles;
  /// Whether the array can work on such tiles; absent: on all.
  std::function<bool(const TileSize&)> allowed;
};

struct Tiling {
  TileSize size;
  LoopOrder order = LoopOrder::m_s_c;
  DramBytes dram;  ///< of an image
  double estimated_cycles = 0;
  bool inputs_once = false, weights_once = false,
       outputs_once = false;  ///< a single tile: the buffer need not be split
  [[nodiscard]] std::map<std::string, std::string> describe() const;
};

/// The best tiling: least DRAM traffic, then least estimated time; with objective "latency" the other way round. Throws
/// Error(infeasible) that names the layer, the buffer and what it would need.
[[nodiscard]] Tiling best_tiling(const TilingProblem& problem, const std::string& objective, const MemorySpeed& memory);

/// Numbers of the buffers in StepPlan::buffers.
inline constexpr std::size_t input_buffer = 0, weight_buffer = 1;

/// The tiles in order, with the transfers of each. `channel_of` gives the DMA channels of the two buffers.
[[nodiscard]] StepPlan tile_steps(const TilingProblem& problem, const Tiling& tiling,
                                  const std::array<std::size_t, 2>& channel_of = {1, 1});

/// Each tensor once.
[[nodiscard]] DramBytes compulsory_traffic(const TilingProblem& problem);

/// Input rows, inside the map, that a range of output rows needs: ascending runs. Rows between that no kernel touches
/// (stride > R) are left out; with dilation a run is taken whole.
[[nodiscard]] std::vector<Range> needed_rows(const LayerShape& shape, Range rows);
/// The same of columns.
[[nodiscard]] std::vector<Range> needed_columns(const LayerShape& shape, Range columns);

/// Prefix sums of what each (filter, channel) block of R x S weights takes, so that any tile's sum is quick.
class WeightTable {
 public:
  /// `value(m, c)`: of filter m (of all groups) and channel c of its group.
  WeightTable(const LayerShape& shape, const std::function<std::uint64_t(std::int64_t m, std::int64_t c)>& value);
  [[nodiscard]] std::uint64_t sum(const ConvTile& tile) const;
  /// Of filters [first, last), counted over all groups, and channels of their group.
  [[nodiscard]] std::uint64_t sum(Range filters, Range channels) const;

 private:
  std::int64_t filters_per_group_, channels_;
  std::vector<std::uint64_t> prefix_;  ///< [M + 1][channels + 1]
};

}  // namespace rebasis::sim
