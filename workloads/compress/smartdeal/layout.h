// How a filter's weights become the rows of Ce x B (paper section III-C1), and which layers are left alone.
#pragma once

#include <optional>
#include <string>

#include "workloads/compress/smartdeal/options.h"
#include "workloads/layer_shape.h"
#include "workloads/trace/trace.h"

namespace rebasis::compress::smartdeal {

/// Rows and slices of one filter; `exponents` stays empty. k x k: n = S, row c * R + r, slices of whole channels. 1x1
/// and FC: n = reshape_columns, the channels in order, zero-padded at the end. Slices are as even as possible and at
/// most max_slice_rows long (4096 inputs: 8 slices of 171 or 170 rows).
[[nodiscard]] trace::SmartDealInfo layout(const LayerShape& shape, const Options& options);

/// Why the options or the shape leave a layer alone, before any arithmetic; nothing: decompose it. `first`: it is the
/// network's first layer.
[[nodiscard]] std::optional<std::string> reason_to_leave(const LayerShape& shape, const Options& options, bool first);

}  // namespace rebasis::compress::smartdeal
