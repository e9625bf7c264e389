// Conv and ConvTranspose with every attribute variant, one to three spatial axes.
#include "workloads/graph/window.h"
#include "workloads/run/operator_registry.h"

namespace rebasis::run {
namespace {

using Outputs = std::vector<at::Tensor>;

struct Operands {
  const at::Tensor& input;
  const at::Tensor& weights;
  at::Tensor bias;
  std::vector<std::int64_t> extents, kernel;
  std::int64_t groups;
};

Operands operands(const OperatorCall& call) {
  const at::Tensor& input = call.input(0);
  const at::Tensor& weights = call.input(1);
  if (input.dim() < 3 || input.dim() > 5 || weights.dim() != input.dim()) {
    call.fail("input and weights must have 3 to 5 axes, equally many");
  }
  const auto in = input.sizes().slice(2).vec();
  return {input,
          weights,
          call.has_input(2) ? call.inputs[2] : at::Tensor(),
          in,
          weights.sizes().slice(2).vec(),
          call.node.integer("group", 1)};
}

/// Pads (or crops, where negative) the spatial axes with zeros.
at::Tensor pad_spatial(const at::Tensor& input, const std::vector<std::int64_t>& begin,
                       const std::vector<std::int64_t>& end) {
  std::vector<std::int64_t> pads;  // libtorch counts axes from the last
  for (std::size_t axis = begin.size(); axis-- > 0;) {
    pads.push_back(begin[axis]);
    pads.push_back(end[axis]);
  }
  return at::constant_pad_nd(input, pads, 0);
}

Outputs conv(const OperatorCall& call) {
  const Operands given = operands(call);
  const graph::Window window = graph::conv_window(call.node, given.extents, given.kernel);
  std::vector<std::int64_t> padded = given.input.sizes().vec();
  for (std::size_t axis = 0; axis < given.extents.size(); ++axis)
    padded[axis + 2] += window.pad_begin[axis] + window.pad_end[axis];
  call.check_size(padded);
  if (window.pad_begin == window.pad_end) {
    return {at::convolution(given.input, given.weights, given.bias, window.stride, window.pad_begin, window.dilation,
                            false, std::vector<std::int64_t>(given.extents.size(), 0), given.groups)};
  }
  const std::vector<std::int64_t> none(given.extents.size(), 0);
  const at::Tensor input = pad_spatial(given.input, window.pad_begin, window.pad_end);
  return {at::convolution(input, given.weights, given.bias, window.stride, none, window.dilation, false, none,
                          given.groups)};
}

/// The full output is cut at both ends; what lies behind it (output_padding, a large output_shape) holds the bias
/// alone.
Outputs conv_transpose(const OperatorCall& call) {
  const Operands given = operands(call);
  const auto [window, output] = graph::conv_transpose_window(call.node, given.extents, given.kernel);
  const std::vector<std::int64_t> none(given.extents.size(), 0);
  std::vector<std::int64_t> full_shape{given.input.size(0), given.weights.size(1) * given.groups};
  std::vector<std::int64_t> crop_begin, crop_end;
  for (std::size_t axis = 0; axis < given.extents.size(); ++axis) {
    const std::int64_t full =
        (given.extents[axis] - 1) * window.stride[axis] + window.dilation[axis] * (given.kernel[axis] - 1) + 1;
    full_shape.push_back(full + output[axis]);
    crop_begin.push_back(-window.pad_begin[axis]);
    crop_end.push_back(output[axis] + window.pad_begin[axis] - full);
  }
  call.check_size(full_shape);
  const at::Tensor full =
      at::convolution(given.input, given.weights, {}, window.stride, none, window.dilation, true, none, given.groups);
  at::Tensor result = pad_spatial(full, crop_begin, crop_end);
  if (given.bias.defined()) {
    std::vector<std::int64_t> channel_shape(static_cast<std::size_t>(result.dim()), 1);
    channel_shape[1] = given.bias.numel();
    result = result + given.bias.view(channel_shape);
  }
  return {result};
}

const RegisterOperator registered[] = {
    {"Conv", conv},
    {"ConvTranspose", conv_transpose},
};

}  // namespace
}  // namespace rebasis::run
