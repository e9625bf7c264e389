// A layer with a pattern: what its weights take, and how long the array takes for it.
#pragma once

#include "sim/core/tiling/tiling.h"
#include "sim/sparse_tensor_core/pattern.h"

namespace rebasis::sim::sparse_tensor_core {

/// Kept weights of a tile in DRAM and SB, with the biases in the tile of the first channels, and their positions in
/// DRAM and the index buffer.
[[nodiscard]] WeightBytes weight_bytes(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec,
                                       const Pattern& pattern, const ConvTile& tile);

/// Bytes of a tile's biases, which come with the weights.
[[nodiscard]] std::uint64_t bias_bytes(const DenseLayer& layer, const ConvTile& tile);
/// Appends the places that the kept weights of a tile take in SB, filter after filter, as WeightSource::order wants
/// them.
void weight_order(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern,
                  const ConvTile& tile, std::vector<std::int32_t>& order);

/// Cycles of an output position and a block of filters with `positions` kernel positions of `groups` groups of
/// channels.
[[nodiscard]] std::int64_t cycles_of_sum(const arch::SparseTensorCoreSpec& spec, const Pattern& pattern,
                                         std::int64_t positions, std::int64_t groups);

/// Cycles of a tile when every kernel position takes its share.
[[nodiscard]] std::int64_t full_cycles(const LayerShape& shape, const arch::SparseTensorCoreSpec& spec,
                                       const Pattern& pattern, const ConvTile& tile);

}  // namespace rebasis::sim::sparse_tensor_core
