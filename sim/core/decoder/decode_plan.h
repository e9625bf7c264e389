// The weights of a layer coded tile by tile, and what decoding each chunk takes: what the step plan of an accelerator
// with a weight decoder carries. docs/decoders.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sim/core/decoder/actions.h"
#include "sim/core/decoder/code.h"
#include "sim/core/sequence/step_plan.h"
#include "sim/result.h"

namespace rebasis::sim {

/// How an accelerator holds weights.
struct WeightSource {
  std::span<const std::int8_t> weights;  ///< [M][C/groups][R][S], of LayerPlan::integer_weights; outlives the plan
  /// Appends the weights that a step with this number and tile loads, in the order in which the buffer holds them,
  /// zeros too: where each is in `weights`; not_a_weight: a zero that the array's layout adds.
  std::function<void(const ConvTile&, std::size_t step, std::vector<std::int32_t>&)> order;
  std::function<std::uint64_t(const ConvTile&)> bias_bytes;  ///< of a tile; they travel plain
  bool stores_zeros = true;                                  ///< the buffer holds zeros
  std::int64_t element_bytes = 1;                            ///< of a stored weight, with its index
  std::size_t buffer = 1;                                    ///< number of the weight buffer in StepPlan::buffers
  std::optional<std::size_t> index_buffer;                   ///< of one for the index alone
  bool index_travels = false;  ///< with coded weights, too; otherwise it follows from them
  static constexpr std::int32_t not_a_weight = -1;
};

/// Weights that are coded on their own.
struct Chunk {
  std::uint64_t end = 0;  ///< of its bytes in the coded tile
  Cycle cycles = 0;       ///< that a stream takes for it
  bool operator==(const Chunk&) const = default;
};

struct CodedTile {
  ConvTile tile;
  std::size_t step = 0;  ///< the first that loads it
  std::vector<Chunk> chunks;
  std::uint64_t bytes = 0;  ///< all chunks
  DecoderActions actions;   ///< of decoding it once
};

struct DecodePlan {
  arch::DecoderSpec spec;
  WeightSource source;
  LayerCode code;
  std::vector<CodedTile> tiles;                     ///< those that are smaller so; the others travel as they are
  std::uint64_t weight_bytes = 0, index_bytes = 0;  ///< that any run of the steps moves: each tile once

  struct Load {
    std::optional<std::size_t> coded;  ///< in `tiles`
    std::vector<Transfer> weights, index;
  };
  std::vector<std::optional<Load>> by_step;  ///< [step] what it loads into the weight buffer, if it does

  /// The weights of a tile in the order of the buffer.
  [[nodiscard]] std::vector<std::int8_t> tile_weights(const ConvTile& tile, std::size_t step) const;
};

/// Weight values at the places of a WeightSource::order.
void gather(std::span<const std::int8_t> weights, std::span<const std::int32_t> order, std::vector<std::int8_t>& out);

/// Codes the weights that the steps load. Null without a decoder, or when the layer is not smaller coded.
[[nodiscard]] std::shared_ptr<const DecodePlan> plan_decoding(const StepPlan& steps, WeightSource source,
                                                              const arch::DecoderSpec& spec);
/// Replaces the weight loads of the steps that `decoding` was planned from.
void decode_loads(StepPlan& steps, const std::shared_ptr<const DecodePlan>& decoding);

/// Bytes of a coded load before its chunks: the table.
[[nodiscard]] inline std::uint64_t table_bytes(const Load& load) {
  return load.transfers.size() > 1 ? load.transfers.front().bytes : 0;
}
/// Least weight and index bytes of a run: with coded weights those of `decoding`, else what `plain` says.
[[nodiscard]] DramBytes compulsory_traffic(const std::shared_ptr<const DecodePlan>& decoding, DramBytes plain);

/// What a chunk takes, from the counts of its symbols alone; `end` is its bytes.
struct ChunkCost {
  std::uint64_t bytes = 0;
  Cycle cycles = 0;
  DecoderActions actions;
};
[[nodiscard]] ChunkCost chunk_cost(std::span<const std::int8_t> weights, const LayerCode& code,
                                   const arch::DecoderSpec& spec, const WeightSource& source);

/// Bytes before a chunk's codes: how many they are and, where a tree needs it, the number of its operands.
[[nodiscard]] std::uint64_t header_bytes(const LayerCode& code, const arch::DecoderSpec& spec);

}  // namespace rebasis::sim
