// Pooling over one to three spatial axes.
#include <limits>

#include "workloads/graph/window.h"
#include "workloads/run/operator_registry.h"

namespace rebasis::run {
namespace {

using Outputs = std::vector<at::Tensor>;

struct Pool {
  graph::Window window;
  std::vector<std::int64_t> end;  ///< pads behind, with what ceil_mode adds beyond them, so that no rounding is left
};

Pool describe(const OperatorCall& call) {
  const at::Tensor& input = call.input(0);
  if (input.dim() < 3 || input.dim() > 5) call.fail("the input must have 3 to 5 axes");
  const auto extents = input.sizes().slice(2).vec();
  const bool ceil_mode = call.node.integer("ceil_mode", 0) != 0;
  Pool pool{graph::conv_window(call.node, extents, {}), {}};
  const graph::Window& window = pool.window;
  std::vector<std::int64_t> padded = input.sizes().vec();
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    const std::int64_t outputs = window.outputs(axis, extents[axis], ceil_mode);
    const std::int64_t reach =
        (outputs - 1) * window.stride[axis] + window.dilation[axis] * (window.kernel[axis] - 1) + 1;
    if (outputs < 1) call.fail("the kernel is larger than the padded input");
    pool.end.push_back(reach - extents[axis] - window.pad_begin[axis]);
    padded[axis + 2] = reach;
  }
  call.check_size(padded);
  return pool;
}

at::Tensor pad_spatial(const at::Tensor& input, const std::vector<std::int64_t>& begin,
                       const std::vector<std::int64_t>& end, const at::Scalar& value) {
  std::vector<std::int64_t> pads;  // libtorch counts axes from the last
  for (std::size_t axis = begin.size(); axis-- > 0;) {
    pads.push_back(begin[axis]);
    pads.push_back(end[axis]);
  }
  return at::constant_pad_nd(input, pads, value);
}

at::Tensor max_pool_padded(const at::Tensor& padded, const graph::Window& window) {
  const std::vector<std::int64_t> none(window.kernel.size(), 0);
  if (window.kernel.size() == 1) return at::max_pool1d(padded, window.kernel, window.stride, none, window.dilation);
  if (window.kernel.size() == 2) return at::max_pool2d(padded, window.kernel, window.stride, none, window.dilation);
  return at::max_pool3d(padded, window.kernel, window.stride, none, window.dilation);
}

Outputs max_pool(const OperatorCall& call) {
  if (call.node.outputs.size() > 1 && !call.node.outputs[1].empty()) {
    call.fail("the output Indices is not supported; export the network without max-unpooling");
  }
  const Pool pool = describe(call);
  // libtorch pools integers only after a detour over float, which is exact for 8 bits.
  const at::Tensor input = call.input(0).to(at::kFloat);
  const at::Tensor padded =
      pad_spatial(input, pool.window.pad_begin, pool.end, -std::numeric_limits<float>::infinity());
  return {max_pool_padded(padded, pool.window).to(call.input(0).scalar_type())};
}

/// Sum of each window.
at::Tensor window_sum(const at::Tensor& padded, const graph::Window& window) {
  const std::vector<std::int64_t> none(window.kernel.size(), 0);
  if (window.kernel.size() == 1) {
    const auto flat =
        at::avg_pool2d(padded.unsqueeze(2), {1, window.kernel[0]}, {1, window.stride[0]}, {0, 0}, false, true, 1);
    return flat.squeeze(2);
  }
  if (window.kernel.size() == 2) return at::avg_pool2d(padded, window.kernel, window.stride, none, false, true, 1);
  return at::avg_pool3d(padded, window.kernel, window.stride, none, false, true, 1);
}

/// Each window's sum over the number of its elements that count: inputs, and pads with count_include_pad, but never
/// what ceil_mode adds behind them.
Outputs average_pool(const OperatorCall& call) {
  const Pool pool = describe(call);
  for (const std::int64_t dilation : pool.window.dilation) {
    if (dilation != 1) call.fail("dilations are not supported; export without them");
  }
  const graph::Window& window = pool.window;
  const at::Tensor& input = call.input(0);
  at::Tensor counted = at::ones_like(input.slice(0, 0, 1).slice(1, 0, 1));
  std::vector<std::int64_t> begin = window.pad_begin, end = pool.end;
  if (call.node.integer("count_include_pad", 0) != 0) {
    counted = pad_spatial(counted, window.pad_begin, window.pad_end, 1);
    for (std::size_t axis = 0; axis < end.size(); ++axis) end[axis] -= window.pad_end[axis];
    begin.assign(begin.size(), 0);
  }
  const at::Tensor sums = window_sum(pad_spatial(input, window.pad_begin, pool.end, 0), window);
  return {sums / window_sum(pad_spatial(counted, begin, end, 0), window)};
}

std::vector<std::int64_t> spatial_axes(const OperatorCall& call) {
  if (call.input(0).dim() < 3) call.fail("the input must have at least 3 axes");
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = 2; axis < call.input(0).dim(); ++axis) axes.push_back(axis);
  return axes;
}

Outputs global_average_pool(const OperatorCall& call) { return {at::mean(call.input(0), spatial_axes(call), true)}; }
Outputs global_max_pool(const OperatorCall& call) { return {at::amax(call.input(0), spatial_axes(call), true)}; }

const RegisterOperator registered[] = {
    {"MaxPool", max_pool},
    {"AveragePool", average_pool},
    {"GlobalAveragePool", global_average_pool},
    {"GlobalMaxPool", global_max_pool},
};

}  // namespace
}  // namespace rebasis::run
