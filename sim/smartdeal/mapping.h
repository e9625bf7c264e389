// How a layer is cut to fit the buffers, and in which order the pieces run: chosen for the least DRAM traffic or the
// least estimated latency. docs/accelerators/smartdeal.md, "Mapping".
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "arch/smartdeal/spec.h"
#include "sim/core/layer_plan.h"
#include "sim/result.h"
#include "sim/smartdeal/layer_data.h"
#include "sim/smartdeal/schedule.h"

namespace rebasis::sim::smartdeal {

// DMA channels: batches of outputs and partial sums go before block loads.
inline constexpr std::size_t output_channel = 0, load_channel = 1, dma_channels = 2;

/// Codes of a filter in a load.
struct CodedFilter {
  std::uint64_t end = 0;      ///< bytes of codes up to its last
  std::uint64_t symbols = 0;  ///< non-zero coefficients
};

/// Work between two points at which buffers change hands: a pass (filters x units) over a range of output tiles.
struct Block {
  PassRange pass;
  std::int64_t first_tile = 0, last_tile = 0;  ///< raster order over (e, column tile), half open
  bool new_weights = false;                    ///< the slices switch to newly loaded weights: a barrier
  bool first_chunk = true, last_chunk = true;  ///< of the channels
  bool emits = true;                           ///< its tiles leave the array (outputs or spilled partial sums)
  bool adds_partial_sums = false;              ///< partial sums of the earlier chunks come back from DRAM
  std::vector<Transfer> loads;
  std::uint64_t coefficient_symbols = 0;                  ///< decoded while loading
  std::uint64_t coded_bytes = 0;                          ///< of their codes
  std::uint64_t codes_begin = 0;                          ///< bytes of the load before them
  std::shared_ptr<const std::vector<CodedFilter>> coded;  ///< by filter of the pass; null without new coefficients
  std::uint64_t weight_buffer_bytes = 0;  ///< written to the slices' buffers: fixed-width rows and bases
  std::uint64_t index_buffer_bytes = 0;   ///< written to the index buffer
  std::array<std::uint64_t, tensor_classes> load_bytes{};
};

struct Mapping {
  std::string order;                ///< weight-stationary | input-stationary | spill | restream
  std::int64_t chunks = 1;          ///< channel chunks
  std::int64_t rows_per_block = 1;  ///< output rows
  std::int64_t units_per_chunk = 0;
  std::int64_t output_slots = 1;  ///< batches the output buffer holds (its banks)
  std::uint64_t batch_bytes = 0;  ///< capacity of one
  std::vector<Block> blocks;
  DramBytes dram;  ///< traffic of one image
  double estimated_cycles = 0;
  [[nodiscard]] std::map<std::string, std::string> describe() const;
};

/// Tile groups that fill a bank of the output buffer and go to DRAM together: one bank fills while another drains.
struct OutputBatch {
  std::size_t groups = 0;  ///< emitted tile groups, in the order of computation
  std::vector<Transfer> writes;
  std::vector<Transfer> partial_sums;  ///< read into the bank before its first tile; empty when there are none
};
[[nodiscard]] std::vector<OutputBatch> output_batches(const LayerShape& shape, const Mapping& mapping,
                                                      const arch::SmartDealSpec& spec);

/// SHA-256 of all that a run takes from the mapping: with it, LayerPlan::mapping_identity. Output slots beyond the
/// batches make no difference.
[[nodiscard]] std::string identity(const LayerShape& shape, const Mapping& mapping, const arch::SmartDealSpec& spec);

/// Bytes a tile group occupies in the output buffer and moves to DRAM.
[[nodiscard]] std::uint64_t output_group_bytes(const Block& block, const Tile& tile, const arch::SmartDealSpec& spec);
/// Where the tile group goes.
[[nodiscard]] std::uint64_t output_address(const LayerShape& shape, const Block& block, const Tile& tile,
                                           const arch::SmartDealSpec& spec);
/// Tile number `index` in raster order.
[[nodiscard]] Tile tile_at(const LayerShape& shape, std::int64_t dim_F, std::int64_t index);

/// The best mapping. Throws Error(infeasible) that names the layer, the buffer and what it would need.
[[nodiscard]] Mapping map_layer(LayerData& layer, const arch::SmartDealSpec& spec, const MemorySpeed& memory);

/// Bytes that any mapping must move: each tensor once.
[[nodiscard]] DramBytes compulsory_traffic(const LayerData& layer, const arch::SmartDealSpec& spec);

}  // namespace rebasis::sim::smartdeal
