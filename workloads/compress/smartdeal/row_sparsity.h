// Vector-wise sparsity: which rows of Ce become zero (paper section III-D).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "workloads/compress/smartdeal/options.h"
#include "workloads/layer_shape.h"
#include "workloads/trace/trace.h"

namespace rebasis::compress::smartdeal {

/// Rows to zero so that at most (1 - ratio) * rows stay: the budget S_c is never exceeded.
[[nodiscard]] std::size_t rows_to_zero(std::size_t rows, double ratio);

/// Indices of the `count` smallest scores; equal scores in the order of the index.
[[nodiscard]] std::vector<std::size_t> smallest_rows(std::span<const double> scores, std::size_t count);

/// Rows that are zero from the start, [M][rows], for the scopes "layer" and "group": rows of W by their L1 norm, over
/// the whole layer, or summed over each group of filters. Empty for scope "filter" or ratio 0.
[[nodiscard]] std::vector<std::uint8_t> dead_rows(const LayerShape& shape, std::span<const float> weights,
                                                  const trace::SmartDealInfo& info, const Options& options);

}  // namespace rebasis::compress::smartdeal
