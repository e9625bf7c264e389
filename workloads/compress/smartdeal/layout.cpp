#include "workloads/compress/smartdeal/layout.h"

#include <algorithm>

#include "common/units.h"

namespace rebasis::compress::smartdeal {
namespace {

constexpr std::int64_t widest_basis = 11;

/// `units` in ceil(units / most) parts that differ by at most one; longer parts first.
std::vector<std::int64_t> even_parts(std::int64_t units, std::int64_t most) {
  const std::int64_t parts = ceil_div(units, most);
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(parts), units / parts);
  for (std::int64_t i = 0; i < units % parts; ++i) ++sizes[static_cast<std::size_t>(i)];
  return sizes;
}

}  // namespace

trace::SmartDealInfo layout(const LayerShape& shape, const Options& options) {
  trace::SmartDealInfo info;
  const std::int64_t channels = shape.channels_per_group();
  const bool pointwise = shape.R == 1 && shape.S == 1;
  info.rows_are_kernel_rows = !pointwise;
  info.n = pointwise ? options.reshape_columns : shape.S;
  if (pointwise) {
    info.rows = ceil_div(channels, info.n);
    info.slice_rows = even_parts(info.rows, options.max_slice_rows);
    return info;
  }
  info.rows = channels * shape.R;
  info.slice_rows = even_parts(channels, std::max<std::int64_t>(1, options.max_slice_rows / shape.R));
  for (std::int64_t& rows : info.slice_rows) rows *= shape.R;
  return info;
}

std::optional<std::string> reason_to_leave(const LayerShape& shape, const Options& options, bool first) {
  const bool pointwise = shape.R == 1 && shape.S == 1;
  if (options.leave) return "the recipe leaves it alone";
  if (first && options.leave_first) return "first layer";
  if (shape.depthwise() && options.leave_depthwise) return "depthwise: Ce and B would be as large as the kernel";
  if (!pointwise && shape.S == 1) return "kernel of one column: B would be a single number";
  if (shape.S > widest_basis) return "kernel wider than 11";
  if (!pointwise && std::max(shape.R, shape.S) > 3 && options.leave_large_kernels) return "kernel wider than 3";
  return std::nullopt;
}

}  // namespace rebasis::compress::smartdeal
