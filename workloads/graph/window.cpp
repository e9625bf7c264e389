#include "workloads/graph/window.h"

#include <algorithm>

namespace rebasis::graph {
namespace {

constexpr std::int64_t largest = std::int64_t{1} << 24;  // no window attribute of a sane network comes near

[[noreturn]] void fail_node(const Node& node, const std::string& what) {
  fail_input("node " + node.name + " (" + node.op + "): " + what);
}

std::vector<std::int64_t> per_axis(const Node& node, const std::string& name, std::size_t count, std::int64_t fallback,
                                   std::int64_t smallest) {
  const std::vector<std::int64_t> values = node.integers(name, std::vector<std::int64_t>(count, fallback));
  const bool sane = std::all_of(values.begin(), values.end(),
                                [&](std::int64_t value) { return value >= smallest && value <= largest; });
  if (values.size() != count || !sane) {
    fail_node(node,
              name + " must hold " + std::to_string(count) + " values from " + std::to_string(smallest) + " to 2^24");
  }
  return values;
}

Window window_without_pads(const Node& node, std::size_t axes, const std::vector<std::int64_t>& kernel) {
  Window window;
  window.kernel = kernel.empty() || node.has("kernel_shape") ? per_axis(node, "kernel_shape", axes, -1, 1) : kernel;
  if (!kernel.empty() && window.kernel != kernel) fail_node(node, "kernel_shape does not match the weights");
  window.stride = per_axis(node, "strides", axes, 1, 1);
  window.dilation = per_axis(node, "dilations", axes, 1, 1);
  return window;
}

/// Splits `total` padding; SAME_UPPER puts the odd one behind, SAME_LOWER in front.
void split_pads(Window& window, std::size_t axis, std::int64_t total, bool upper) {
  total = std::max<std::int64_t>(total, 0);
  const std::int64_t small = total / 2;
  window.pad_begin[axis] = upper ? small : total - small;
  window.pad_end[axis] = upper ? total - small : small;
}

void explicit_pads(const Node& node, Window& window, std::size_t axes) {
  const auto pads = per_axis(node, "pads", 2 * axes, 0, 0);
  window.pad_begin.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(axes));
  window.pad_end.assign(pads.begin() + static_cast<std::ptrdiff_t>(axes), pads.end());
}

/// The text of auto_pad, checked.
std::string auto_pad(const Node& node) {
  std::string mode = node.text("auto_pad", "NOTSET");
  if (mode != "NOTSET" && mode != "VALID" && mode != "SAME_UPPER" && mode != "SAME_LOWER") {
    fail_node(node, "auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  }
  return mode;
}

}  // namespace

std::int64_t Window::outputs(std::size_t axis, std::int64_t extent, bool ceil_mode) const {
  const std::int64_t span = extent + pad_begin[axis] + pad_end[axis] - dilation[axis] * (kernel[axis] - 1) - 1;
  if (span < 0) return 0;
  std::int64_t count = (ceil_mode ? (span + stride[axis] - 1) / stride[axis] : span / stride[axis]) + 1;
  if (ceil_mode && (count - 1) * stride[axis] >= extent + pad_begin[axis]) --count;
  return count;
}

Window conv_window(const Node& node, const std::vector<std::int64_t>& extents,
                   const std::vector<std::int64_t>& kernel) {
  const std::size_t axes = extents.size();
  Window window = window_without_pads(node, axes, kernel);
  const std::string mode = auto_pad(node);
  if (mode == "NOTSET") {
    explicit_pads(node, window, axes);
    return window;
  }
  window.pad_begin.assign(axes, 0);
  window.pad_end.assign(axes, 0);
  if (mode == "VALID") return window;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::int64_t outputs = (extents[axis] + window.stride[axis] - 1) / window.stride[axis];
    const std::int64_t reach =
        (outputs - 1) * window.stride[axis] + window.dilation[axis] * (window.kernel[axis] - 1) + 1;
    split_pads(window, axis, reach - extents[axis], mode == "SAME_UPPER");
  }
  return window;
}

TransposedWindow conv_transpose_window(const Node& node, const std::vector<std::int64_t>& extents,
                                       const std::vector<std::int64_t>& kernel) {
  const std::size_t axes = extents.size();
  TransposedWindow result{window_without_pads(node, axes, kernel), std::vector<std::int64_t>(axes)};
  Window& window = result.window;
  const std::string mode = auto_pad(node);
  const auto output_padding = per_axis(node, "output_padding", axes, 0, 0);
  const bool same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
  const bool sized = node.has("output_shape");
  std::vector<std::int64_t> sizes(axes);
  if (sized) {
    // Some exporters write batch and channels as well.
    const auto given = node.integers("output_shape", {});
    if (given.size() < axes) fail_node(node, "output_shape must hold one value a spatial axis");
    sizes.assign(given.end() - static_cast<std::ptrdiff_t>(axes), given.end());
  }
  window.pad_begin.assign(axes, 0);
  window.pad_end.assign(axes, 0);
  if (mode == "NOTSET" && !sized) explicit_pads(node, window, axes);
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::int64_t full = (extents[axis] - 1) * window.stride[axis] + output_padding[axis] +
                              window.dilation[axis] * (window.kernel[axis] - 1) + 1;
    if (sized || same) {
      const std::int64_t wanted = sized ? sizes[axis] : extents[axis] * window.stride[axis];
      if (wanted < 1 || wanted > largest) fail_node(node, "output_shape must hold values from 1 to 2^24");
      split_pads(window, axis, full - wanted, mode == "SAME_UPPER");
      result.output[axis] = wanted;
    } else {
      result.output[axis] = full - window.pad_begin[axis] - window.pad_end[axis];
    }
    if (result.output[axis] < 1) fail_node(node, "pads leave no output");
  }
  return result;
}

}  // namespace rebasis::graph
