// Reductions over axes.
#include <algorithm>
#include <numeric>

#include "workloads/run/operator_registry.h"

namespace rebasis::run {
namespace {

using Outputs = std::vector<at::Tensor>;

/// The axes are an attribute at first and an input later (ReduceSum since opset 13, the others since 18). None means
/// all, or, with noop_with_empty_axes, nothing.
template <at::Tensor (*Function)(const at::Tensor&, at::IntArrayRef, bool)>
Outputs reduce(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  std::vector<std::int64_t> axes = call.axes(1, x.dim(), {});
  if (axes.empty() && call.node.integer("noop_with_empty_axes", 0) != 0) return {x};
  if (axes.empty()) {
    axes.resize(static_cast<std::size_t>(x.dim()));
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (axes.empty()) return {x};
  return {Function(x, axes, call.node.integer("keepdims", 1) != 0)};
}

at::Tensor mean(const at::Tensor& x, at::IntArrayRef axes, bool keep) { return at::mean(x, axes, keep); }
at::Tensor sum(const at::Tensor& x, at::IntArrayRef axes, bool keep) { return at::sum(x, axes, keep, x.scalar_type()); }
at::Tensor l1(const at::Tensor& x, at::IntArrayRef axes, bool keep) { return sum(at::abs(x), axes, keep); }
at::Tensor l2(const at::Tensor& x, at::IntArrayRef axes, bool keep) { return at::sqrt(sum(at::square(x), axes, keep)); }
at::Tensor sum_square(const at::Tensor& x, at::IntArrayRef axes, bool keep) { return sum(at::square(x), axes, keep); }
at::Tensor log_sum(const at::Tensor& x, at::IntArrayRef axes, bool keep) { return at::log(sum(x, axes, keep)); }
at::Tensor log_sum_exp(const at::Tensor& x, at::IntArrayRef axes, bool keep) { return at::logsumexp(x, axes, keep); }
at::Tensor maximum(const at::Tensor& x, at::IntArrayRef axes, bool keep) { return at::amax(x, axes, keep); }
at::Tensor minimum(const at::Tensor& x, at::IntArrayRef axes, bool keep) { return at::amin(x, axes, keep); }

/// libtorch multiplies along one axis at a time; kept axes stay where they are until the end.
at::Tensor product(const at::Tensor& x, at::IntArrayRef axes, bool keep) {
  at::Tensor result = x;
  for (const std::int64_t axis : axes) result = at::prod(result, axis, true, x.scalar_type());
  if (keep) return result;
  std::vector<std::int64_t> shape;
  for (std::int64_t axis = 0; axis < x.dim(); ++axis) {
    if (std::find(axes.begin(), axes.end(), axis) == axes.end()) shape.push_back(x.size(axis));
  }
  return result.reshape(shape);
}

/// The first of equal extremes, or the last with select_last_index.
template <at::Tensor (*Function)(const at::Tensor&, c10::optional<std::int64_t>, bool)>
Outputs position(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  const std::int64_t axis = call.axis(call.node.integer("axis", 0), x.dim());
  const bool keep = call.node.integer("keepdims", 1) != 0;
  if (call.node.integer("select_last_index", 0) == 0) return {Function(x, axis, keep)};
  return {x.size(axis) - 1 - Function(at::flip(x, {axis}), axis, keep)};
}

const RegisterOperator registered[] = {
    {"ReduceMean", reduce<mean>},      {"ReduceSum", reduce<sum>},
    {"ReduceMax", reduce<maximum>},    {"ReduceMin", reduce<minimum>},
    {"ReduceProd", reduce<product>},   {"ReduceL1", reduce<l1>},
    {"ReduceL2", reduce<l2>},          {"ReduceSumSquare", reduce<sum_square>},
    {"ReduceLogSum", reduce<log_sum>}, {"ReduceLogSumExp", reduce<log_sum_exp>},
    {"ArgMax", position<at::argmax>},  {"ArgMin", position<at::argmin>},
};

}  // namespace
}  // namespace rebasis::run
