// A layer on DianNao: how it is cut for the array and the buffers.
#pragma once

#include "arch/diannao/spec.h"
#include "sim/core/dense_layer.h"
#include "sim/core/tiling/tiling.h"

namespace rebasis::sim::diannao {

/// Filters and channels of one pass of the array's loops over a tile: those of one convolution group, or of several
/// small groups side by side, whose weights are then blocks on the diagonal of a matrix.
struct Pack {
  Range groups;
  Range filters, channels;  ///< counted over all groups
};

/// Convolution groups that share the array: as many as fit both sides of it.
[[nodiscard]] std::int64_t groups_of_pack(const LayerShape& shape, const arch::DianNaoSpec& spec);
/// Packs of a tile, in order; `per_pack` from groups_of_pack().
[[nodiscard]] std::vector<Pack> packs_of(const LayerShape& shape, const ConvTile& tile, std::int64_t per_pack);

/// Bytes of a tile's weights in DRAM and SB: all of each pack's matrix, zeros included, and the biases with the first
/// channels.
[[nodiscard]] std::uint64_t weight_bytes(const DenseLayer& layer, const arch::DianNaoSpec& spec, const ConvTile& tile);

/// Where the weights of a tile are in the layer's, in the order of SB.
void weight_order(const DenseLayer& layer, const arch::DianNaoSpec& spec, const ConvTile& tile,
                  std::vector<std::int32_t>& order);
/// Bytes of a tile's biases.
[[nodiscard]] std::uint64_t bias_bytes(const DenseLayer& layer, const ConvTile& tile);

/// Cycles of a tile when every kernel position takes one.
[[nodiscard]] std::int64_t dense_cycles(const LayerShape& shape, const arch::DianNaoSpec& spec, const ConvTile& tile);

/// The layer for the common mapper. Refers to both.
[[nodiscard]] TilingProblem tiling_problem(const DenseLayer& layer, const arch::DianNaoSpec& spec);

}  // namespace rebasis::sim::diannao
