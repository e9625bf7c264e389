// Operators on shapes, and views.
#include <algorithm>
#include <cmath>

#include "workloads/run/operator_registry.h"
#include "workloads/run/tensor_bridge.h"

namespace rebasis::run {
namespace {

using Outputs = std::vector<at::Tensor>;

Outputs identity(const OperatorCall& call) { return {call.input(0)}; }

/// At inference the input itself; the mask keeps everything.
Outputs dropout(const OperatorCall& call) {
  if (call.has_input(2) && call.inputs[2].item<bool>())
    call.fail("training mode is not supported; export the network for inference");
  return {call.input(0), at::ones(call.input(0).sizes(), at::kBool)};
}

Outputs shape(const OperatorCall& call) {
  const std::vector<std::int64_t> sizes = call.input(0).sizes().vec();
  const auto rank = static_cast<std::int64_t>(sizes.size());
  const auto bound = [&](std::int64_t value) {
    return std::clamp<std::int64_t>(value < 0 ? value + rank : value, 0, rank);
  };
  const std::int64_t begin = bound(call.node.integer("start", 0));
  const std::int64_t end = std::max(begin, bound(call.node.integer("end", rank)));
  return {at::tensor(
      at::IntArrayRef(sizes).slice(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)), at::kLong)};
}

Outputs size(const OperatorCall& call) { return {at::scalar_tensor(call.input(0).numel(), at::kLong)}; }

/// 0 copies the input's extent unless allowzero; -1 takes the rest.
Outputs reshape(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  std::vector<std::int64_t> target = call.integers_input(1, call.node.integers("shape", {}));
  for (std::size_t axis = 0; axis < target.size(); ++axis) {
    if (target[axis] != 0 || call.node.integer("allowzero", 0) != 0) continue;
    if (static_cast<std::int64_t>(axis) >= x.dim())
      call.fail("extent 0 stands for an axis that the input does not have");
    target[axis] = x.size(static_cast<std::int64_t>(axis));
  }
  return {x.reshape(target)};
}

Outputs flatten(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  const std::int64_t given = call.node.integer("axis", 1);
  const std::int64_t split = given == x.dim() ? given : call.axis(given, x.dim());
  std::int64_t rows = 1, columns = 1;
  for (std::int64_t axis = 0; axis < x.dim(); ++axis) (axis < split ? rows : columns) *= x.size(axis);
  return {x.reshape({rows, columns})};
}

Outputs squeeze(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  std::vector<std::int64_t> axes = call.axes(1, x.dim(), {});
  if (axes.empty() && !call.has_input(1) && !call.node.has("axes")) return {x.squeeze()};
  std::vector<std::int64_t> kept;
  for (std::int64_t axis = 0; axis < x.dim(); ++axis) {
    const bool drop = std::find(axes.begin(), axes.end(), axis) != axes.end();
    if (drop && x.size(axis) != 1)
      call.fail("axis " + std::to_string(axis) + " has extent " + std::to_string(x.size(axis)) + ", not 1");
    if (!drop) kept.push_back(x.size(axis));
  }
  return {x.reshape(kept)};
}

/// Axes count in the result.
Outputs unsqueeze(const OperatorCall& call) {
  at::Tensor result = call.input(0);
  const std::vector<std::int64_t> given = call.integers_input(1, call.node.integers("axes", {}));
  const std::int64_t rank = result.dim() + static_cast<std::int64_t>(given.size());
  std::vector<std::int64_t> axes = call.axes(1, rank, {});
  std::sort(axes.begin(), axes.end());
  for (const std::int64_t axis : axes) result = result.unsqueeze(axis);
  return {result};
}

Outputs expand(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  std::vector<std::int64_t> wanted = call.integers_input(1, {});
  call.check_size(wanted);
  std::vector<std::int64_t> result(std::max(wanted.size(), static_cast<std::size_t>(x.dim())), 1);
  for (std::size_t back = 1; back <= result.size(); ++back) {
    const std::int64_t own = back <= static_cast<std::size_t>(x.dim()) ? x.size(-static_cast<std::int64_t>(back)) : 1;
    const std::int64_t other = back <= wanted.size() ? wanted[wanted.size() - back] : 1;
    result[result.size() - back] = own == 1 ? other : own;
    if (own != 1 && other != 1 && own != other) call.fail("the shapes cannot be broadcast to each other");
  }
  call.check_size(result);
  return {x.expand(result).contiguous()};
}

Outputs constant_of_shape(const OperatorCall& call) {
  const std::vector<std::int64_t> extents = call.integers_input(0, {});
  call.check_size(extents);
  const auto value = call.node.attributes.find("value");
  if (value == call.node.attributes.end()) return {at::zeros(extents, at::kFloat)};
  const auto* const fill = std::get_if<graph::Constant>(&value->second);
  if (fill == nullptr) call.fail("attribute value must be a tensor");
  const at::Tensor filled = to_torch(*fill);
  if (filled.numel() != 1) call.fail("attribute value must hold one element");
  return {at::full(extents, filled.item(), filled.options())};
}

Outputs range(const OperatorCall& call) {
  const at::Tensor &start = call.input(0), &limit = call.input(1), &delta = call.input(2);
  const double step = delta.item<double>();
  const double count = step == 0 ? -1 : std::ceil((limit.item<double>() - start.item<double>()) / step);
  if (!(count > -1e18) || step == 0) call.fail("delta must not be 0");
  if (count > static_cast<double>(largest_tensor)) call.fail("the range would hold more than 2^31 elements");
  const auto elements = static_cast<std::int64_t>(std::max(count, 0.0));
  return {at::arange(elements, at::kLong).to(start.scalar_type()) * delta + start};
}

const RegisterOperator registered[] = {
    {"Identity", identity}, {"Dropout", dropout},
    {"Shape", shape},       {"Size", size},
    {"Reshape", reshape},   {"Flatten", flatten},
    {"Squeeze", squeeze},   {"Unsqueeze", unsqueeze},
    {"Expand", expand},     {"ConstantOfShape", constant_of_shape},
    {"Range", range},
};

}  // namespace
}  // namespace rebasis::run
