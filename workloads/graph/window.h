// Kernel, strides, dilations and pads of convolutions and pools, with ONNX's defaults and auto_pad resolved.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/graph/graph.h"

namespace rebasis::graph {

/// One value a spatial axis each.
struct Window {
  std::vector<std::int64_t> kernel, stride, dilation, pad_begin, pad_end;

  /// Outputs along `axis` of a convolution or pool over `extent` inputs; `ceil_mode` as in ONNX, without windows that
  /// start in the padding behind the input.
  [[nodiscard]] std::int64_t outputs(std::size_t axis, std::int64_t extent, bool ceil_mode = false) const;
};

/// Window of a Conv or pool node over an input of `extents` (spatial axes only). `kernel`: the weights' spatial
/// extents, or empty to take the node's kernel_shape. Absurd attribute values throw Error(bad_input) that names the
/// node.
[[nodiscard]] Window conv_window(const Node& node, const std::vector<std::int64_t>& extents,
                                 const std::vector<std::int64_t>& kernel);

/// The same for ConvTranspose, with output_padding and output_shape resolved: pads are what is cut from the full
/// output, and `output` is the node's spatial output.
struct TransposedWindow {
  Window window;
  std::vector<std::int64_t> output;
};
[[nodiscard]] TransposedWindow conv_transpose_window(const Node& node, const std::vector<std::int64_t>& extents,
                                                     const std::vector<std::int64_t>& kernel);

}  // namespace rebasis::graph
