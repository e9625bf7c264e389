// Normalisation, as at inference.
#include <algorithm>
#include <cmath>

#include "workloads/run/operator_registry.h"

namespace rebasis::run {
namespace {

using Outputs = std::vector<at::Tensor>;

/// A value a channel, shaped to broadcast along axis 1 of `like`.
at::Tensor per_channel(const at::Tensor& values, const at::Tensor& like) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(std::max<std::int64_t>(like.dim(), 2)), 1);
  shape[1] = values.numel();
  return values.view(shape);
}

Outputs batch_norm(const OperatorCall& call) {
  if (call.node.integer("training_mode", 0) != 0)
    call.fail("training mode is not supported; export the network for inference");
  if (call.node.integer("spatial", 1) == 0) call.fail("spatial=0 is not supported; export with a newer opset");
  const at::Tensor& x = call.input(0);
  const at::Tensor factor = call.input(1) / at::sqrt(call.input(4) + call.node.real("epsilon", 1e-5F));
  if (x.dim() == 1) return {(x - call.input(3)) * factor + call.input(2)};
  return {(x - per_channel(call.input(3), x)) * per_channel(factor, x) + per_channel(call.input(2), x)};
}

/// Normalised over axes from `axis` on; also gives mean and inverse deviation.
Outputs layer_norm(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = call.axis(call.node.integer("axis", -1), x.dim()); axis < x.dim(); ++axis)
    axes.push_back(axis);
  const at::Tensor mean = at::mean(x, axes, true);
  const at::Tensor inverse = at::rsqrt(at::mean(at::square(x - mean), axes, true) + call.node.real("epsilon", 1e-5F));
  at::Tensor result = (x - mean) * inverse * call.input(1);
  if (call.has_input(2)) result = result + call.inputs[2];
  return {result, mean, inverse};
}

Outputs instance_norm(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  if (x.dim() < 3) call.fail("the input must have at least 3 axes");
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = 2; axis < x.dim(); ++axis) axes.push_back(axis);
  const at::Tensor mean = at::mean(x, axes, true);
  const at::Tensor inverse = at::rsqrt(at::mean(at::square(x - mean), axes, true) + call.node.real("epsilon", 1e-5F));
  return {(x - mean) * inverse * per_channel(call.input(1), x) + per_channel(call.input(2), x)};
}

/// x / (bias + alpha / size * sum of squares over the channels around)^beta; the window reaches floor((size - 1) / 2)
/// down.
Outputs local_response_norm(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  const std::int64_t size = call.node.integer("size", 1);
  if (size < 1 || size > 65536 || x.dim() < 2)
    call.fail("size must be from 1 to 65536, and the input must have a channel axis");
  const std::int64_t channels = x.size(1);
  const at::Tensor squares = at::square(x);
  at::Tensor sums = at::zeros_like(x);
  for (std::int64_t offset = -((size - 1) / 2); offset <= size / 2; ++offset) {
    const std::int64_t count = channels - std::abs(offset);
    if (count <= 0) continue;
    sums.narrow(1, std::max<std::int64_t>(-offset, 0), count)
        .add_(squares.narrow(1, std::max<std::int64_t>(offset, 0), count));
  }
  const double alpha = call.node.real("alpha", 1e-4F);
  return {x / at::pow(sums * (alpha / static_cast<double>(size)) + call.node.real("bias", 1),
                      call.node.real("beta", 0.75F))};
}

const RegisterOperator registered[] = {
    {"BatchNormalization", batch_norm},
    {"LayerNormalization", layer_norm},
    {"InstanceNormalization", instance_norm},
    {"LRN", local_response_norm},
};

}  // namespace
}  // namespace rebasis::run
