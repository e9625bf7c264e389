// Weights of a layer in groups that are pruned together: the families of sparsity.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "workloads/layer_shape.h"

namespace rebasis::compress {

/// A partition of the weights of a layer.
struct WeightGroups {
  std::vector<std::uint32_t> group_of;  ///< group of each weight, [M][C/groups][R][S]
  std::size_t count = 0;
};

/// Every weight for itself.
[[nodiscard]] WeightGroups single_weights(const LayerShape& shape);

/// `channels` consecutive channels of a filter with their whole kernels, cut within the C/groups channels of the
/// filter; the last one of a filter may have fewer. 1: every kernel (c, m) for itself.
[[nodiscard]] WeightGroups channel_runs(const LayerShape& shape, std::int64_t channels);

/// Kernel row r of channel c over `filters` consecutive filters that read the same channels. Of 1x1 kernels
/// `reshape_columns` consecutive channels are a row, as in SmartDeal. The last ones may have fewer.
[[nodiscard]] WeightGroups kernel_rows(const LayerShape& shape, std::int64_t filters, std::int64_t reshape_columns);

/// Whole output channels.
[[nodiscard]] WeightGroups whole_filters(const LayerShape& shape);

/// Whole input channels, over all filters that read them; C groups.
[[nodiscard]] WeightGroups input_channels(const LayerShape& shape);

/// Blocks of `rows` x `columns` of the matrix of M rows and (C/groups)RS columns; those at the right and lower edges
/// may be smaller.
[[nodiscard]] WeightGroups matrix_blocks(const LayerShape& shape, std::int64_t rows, std::int64_t columns);

}  // namespace rebasis::compress
