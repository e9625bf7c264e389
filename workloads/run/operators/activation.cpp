// Activation functions.
#include <limits>

#include "workloads/run/operator_registry.h"

namespace rebasis::run {
namespace {

using Outputs = std::vector<at::Tensor>;

template <at::Tensor (*Function)(const at::Tensor&)>
Outputs unary(const OperatorCall& call) {
  return {Function(call.input(0))};
}

Outputs leaky_relu(const OperatorCall& call) { return {at::leaky_relu(call.input(0), call.node.real("alpha", 0.01F))}; }

/// Bounds are attributes before opset 11 and inputs since.
Outputs clip(const OperatorCall& call) {
  at::Tensor result = call.input(0);
  if (call.node.has("min")) result = at::clamp_min(result, call.node.real("min", 0));
  if (call.node.has("max")) result = at::clamp_max(result, call.node.real("max", 0));
  if (call.has_input(1)) result = at::maximum(result, call.input(1).to(result.scalar_type()).squeeze());
  if (call.has_input(2)) result = at::minimum(result, call.input(2).to(result.scalar_type()).squeeze());
  return {result};
}

Outputs hard_sigmoid(const OperatorCall& call) {
  return {at::clamp(call.input(0) * call.node.real("alpha", 0.2F) + call.node.real("beta", 0.5F), 0, 1)};
}

Outputs hard_swish(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  return {x * at::clamp(x / 6 + 0.5, 0, 1)};
}

/// Before opset 13 the tensor is taken as a matrix split at `axis` (default 1); since then along `axis` alone (default
/// -1).
template <at::Tensor (*Function)(const at::Tensor&, std::int64_t, c10::optional<at::ScalarType>)>
Outputs softmax(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  if (call.opset >= 13) return {Function(x, call.axis(call.node.integer("axis", -1), x.dim()), c10::nullopt)};
  std::int64_t rows = 1;
  const std::int64_t split = call.node.integer("axis", 1);
  for (std::int64_t axis = 0; axis < (split == x.dim() ? split : call.axis(split, x.dim())); ++axis)
    rows *= x.size(axis);
  if (rows == 0) return {x};
  return {Function(x.reshape({rows, -1}), 1, c10::nullopt).view(x.sizes())};
}

Outputs elu(const OperatorCall& call) { return {at::elu(call.input(0), call.node.real("alpha", 1))}; }
Outputs celu(const OperatorCall& call) { return {at::celu(call.input(0), call.node.real("alpha", 1))}; }
Outputs selu(const OperatorCall& call) {
  const float gamma = call.node.real("gamma", 1.05070102214813232421875F);
  const float alpha = call.node.real("alpha", 1.67326319217681884765625F);
  return {at::elu(call.input(0), alpha) * gamma};
}
Outputs softplus(const OperatorCall& call) { return {at::softplus(call.input(0), 1, 20)}; }
Outputs softsign(const OperatorCall& call) { return {call.input(0) / (1 + at::abs(call.input(0)))}; }
Outputs thresholded_relu(const OperatorCall& call) {
  return {at::threshold(call.input(0), call.node.real("alpha", 1), 0)};
}

/// The slope broadcasts to the input from its last axes.
Outputs prelu(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  at::Tensor slope = call.input(1);
  // Before opset 7 a slope a channel belonged to axis 1.
  if (call.opset < 7 && slope.dim() == 1 && slope.size(0) > 1) {
    for (std::int64_t axis = 2; axis < x.dim(); ++axis) slope = slope.unsqueeze(-1);
  }
  return {at::where(x < 0, x * slope, x)};
}

const RegisterOperator registered[] = {
    {"Relu", unary<at::relu>},
    {"LeakyRelu", leaky_relu},
    {"PRelu", prelu},
    {"Clip", clip},
    {"Sigmoid", unary<at::sigmoid>},
    {"HardSigmoid", hard_sigmoid},
    {"HardSwish", hard_swish},
    {"Tanh", unary<at::tanh>},
    {"Elu", elu},
    {"Celu", celu},
    {"Selu", selu},
    {"Softplus", softplus},
    {"Softsign", softsign},
    {"ThresholdedRelu", thresholded_relu},
    {"Softmax", softmax<at::softmax>},
    {"LogSoftmax", softmax<at::log_softmax>},
};

}  // namespace
}  // namespace rebasis::run
