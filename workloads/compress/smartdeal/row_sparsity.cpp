#include "workloads/compress/smartdeal/row_sparsity.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rebasis::compress::smartdeal {
namespace {

/// L1 norm of each row of W, [M][rows].
std::vector<double> row_norms(const LayerShape& shape, std::span<const float> weights,
                              const trace::SmartDealInfo& info) {
  const std::size_t filters = static_cast<std::size_t>(shape.M);
  const std::size_t rows = static_cast<std::size_t>(info.rows);
  const std::size_t n = static_cast<std::size_t>(info.n);
  const std::size_t filter_weights = weights.size() / filters;
  std::vector<double> norms(filters * rows, 0.0);
  for (std::size_t m = 0; m < filters; ++m) {
    for (std::size_t i = 0; i < filter_weights; ++i) {
      norms[m * rows + i / n] += static_cast<double>(std::abs(weights[m * filter_weights + i]));
    }
  }
  return norms;
}

}  // namespace

std::size_t rows_to_zero(std::size_t rows, double ratio) {
  constexpr double rounding_slack = 1e-9;  // 0.3 * 10 must count as 3
  const double keep = std::floor((1.0 - ratio) * static_cast<double>(rows) + rounding_slack);
  return rows - static_cast<std::size_t>(std::clamp(keep, 0.0, static_cast<double>(rows)));
}

std::vector<std::size_t> smallest_rows(std::span<const double> scores, std::size_t count) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto less = [&](std::size_t a, std::size_t b) {
    return scores[a] != scores[b] ? scores[a] < scores[b] : a < b;
  };
  if (count < order.size())
    std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), less);
  order.resize(std::min(count, order.size()));
  return order;
}

std::vector<std::uint8_t> dead_rows(const LayerShape& shape, std::span<const float> weights,
                                    const trace::SmartDealInfo& info, const Options& options) {
  if (options.vector_ratio <= 0 || options.vector_scope == "filter") return {};
  const std::size_t filters = static_cast<std::size_t>(shape.M);
  const std::size_t rows = static_cast<std::size_t>(info.rows);
  const std::vector<double> norms = row_norms(shape, weights, info);
  std::vector<std::uint8_t> dead(norms.size(), 0);
  if (options.vector_scope == "layer") {
    for (const std::size_t row : smallest_rows(norms, rows_to_zero(norms.size(), options.vector_ratio))) dead[row] = 1;
    return dead;
  }
  const std::size_t group = static_cast<std::size_t>(options.group_size);
  for (std::size_t first = 0; first < filters; first += group) {
    const std::size_t last = std::min(first + group, filters);
    std::vector<double> sums(rows, 0.0);
    for (std::size_t m = first; m < last; ++m) {
      for (std::size_t i = 0; i < rows; ++i) sums[i] += norms[m * rows + i];
    }
    for (const std::size_t row : smallest_rows(sums, rows_to_zero(rows, options.vector_ratio))) {
      for (std::size_t m = first; m < last; ++m) dead[m * rows + row] = 1;
    }
  }
  return dead;
}

}  // namespace rebasis::compress::smartdeal
