// Operators that rearrange values.
#include <algorithm>
#include <limits>
#include <numeric>

#include "workloads/run/operator_registry.h"

namespace rebasis::run {
namespace {

using Outputs = std::vector<at::Tensor>;
using Integers = std::vector<std::int64_t>;

at::Tensor index_tensor(const Integers& indices) { return at::tensor(indices, at::kLong); }

Outputs transpose(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  Integers reversed(static_cast<std::size_t>(x.dim()));
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  return {x.permute(call.node.integers("perm", reversed)).contiguous()};
}

Outputs concat(const OperatorCall& call) {
  std::vector<at::Tensor> parts;
  for (std::size_t index = 0; index < call.inputs.size(); ++index) parts.push_back(call.input(index));
  return {at::cat(parts, call.axis(call.node.integer("axis", 1), call.input(0).dim()))};
}

/// Positions that a slice takes along an axis of `extent`, by ONNX's clamping rules.
Integers slice_positions(std::int64_t start, std::int64_t end, std::int64_t step, std::int64_t extent) {
  const auto absolute = [&](std::int64_t value) { return value < 0 ? value + extent : value; };
  // The smallest integer stands for "beyond the start" and must not be shifted into range or overflow.
  const std::int64_t lowest = step > 0 ? 0 : -1;
  const std::int64_t highest = step > 0 ? extent : extent - 1;
  const std::int64_t first = std::clamp(absolute(start), step > 0 ? std::int64_t{0} : std::int64_t{-1}, highest);
  const std::int64_t last = std::clamp(absolute(end), lowest, extent);
  Integers positions;
  for (std::int64_t at = first; step > 0 ? at < last : at > last; at += step) positions.push_back(at);
  return positions;
}

/// Attributes before opset 10, inputs since.
Outputs slice(const OperatorCall& call) {
  at::Tensor result = call.input(0);
  const Integers starts = call.integers_input(1, call.node.integers("starts", {}));
  const Integers ends = call.integers_input(2, call.node.integers("ends", {}));
  Integers leading(starts.size());
  std::iota(leading.begin(), leading.end(), 0);
  const Integers axes = call.axes(3, result.dim(), leading);
  const Integers steps = call.integers_input(4, Integers(starts.size(), 1));
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size()) {
    call.fail("starts, ends, axes and steps must be equally many");
  }
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::int64_t extent = result.size(axes[i]);
    if (steps[i] == 0) call.fail("steps must not be 0");
    const std::int64_t step = std::clamp(steps[i], -extent - 1, extent + 1);
    if (step == 1) {
      const std::int64_t first = std::clamp<std::int64_t>(starts[i] < 0 ? starts[i] + extent : starts[i], 0, extent);
      const std::int64_t last = std::clamp<std::int64_t>(ends[i] < 0 ? ends[i] + extent : ends[i], first, extent);
      result = result.slice(axes[i], first, last);
    } else {
      result = result.index_select(axes[i], index_tensor(slice_positions(starts[i], ends[i], step, extent)));
    }
  }
  return {result.contiguous()};
}

/// Sizes from attribute "split" or an input; otherwise equal parts, the last one smaller when they do not divide.
Outputs split(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  const std::int64_t axis = call.axis(call.node.integer("axis", 0), x.dim());
  const auto parts = static_cast<std::int64_t>(call.node.outputs.size());
  Integers sizes = call.integers_input(1, call.node.integers("split", {}));
  if (sizes.empty()) {
    const std::int64_t each = (x.size(axis) + parts - 1) / parts;
    for (std::int64_t part = 0; part < parts; ++part)
      sizes.push_back(std::clamp<std::int64_t>(x.size(axis) - part * each, 0, each));
  }
  if (static_cast<std::int64_t>(sizes.size()) != parts)
    call.fail("there are " + std::to_string(parts) + " outputs but " + std::to_string(sizes.size()) + " sizes");
  return x.split_with_sizes(sizes, axis);
}

/// Indices count from the end where negative.
at::Tensor positive_indices(const OperatorCall& call, const at::Tensor& indices, std::int64_t extent) {
  const at::Tensor wide = indices.to(at::kLong);
  const at::Tensor positive = at::where(wide < 0, wide + extent, wide);
  if (positive.numel() > 0 &&
      (positive.min().item<std::int64_t>() < 0 || positive.max().item<std::int64_t>() >= extent)) {
    call.fail("an index lies outside the axis of extent " + std::to_string(extent));
  }
  return positive;
}

Outputs gather(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  const std::int64_t axis = call.axis(call.node.integer("axis", 0), x.dim());
  const at::Tensor indices = positive_indices(call, call.input(1), x.size(axis));
  Integers shape = x.sizes().vec();
  const auto place = shape.begin() + axis;
  shape.insert(shape.erase(place), indices.sizes().begin(), indices.sizes().end());
  call.check_size(shape);
  return {x.index_select(axis, indices.reshape(-1)).reshape(shape)};
}

Outputs gather_elements(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  const std::int64_t axis = call.axis(call.node.integer("axis", 0), x.dim());
  return {at::gather(x, axis, positive_indices(call, call.input(1), x.size(axis)))};
}

/// Where each padded position reads along one axis: mirrored without repeating the edge, or clamped to it.
Integers padded_positions(std::int64_t extent, std::int64_t begin, std::int64_t end, bool mirror) {
  Integers positions;
  const std::int64_t period = std::max<std::int64_t>(2 * (extent - 1), 1);
  for (std::int64_t at = -begin; at < extent + end; ++at) {
    const std::int64_t folded = (at % period + period) % period;
    positions.push_back(mirror ? std::min(folded, period - folded) % std::max<std::int64_t>(extent, 1)
                               : std::clamp<std::int64_t>(at, 0, extent - 1));
  }
  return positions;
}

at::Tensor pad_constant(const OperatorCall& call, const at::Tensor& x, const Integers& pads, std::size_t rank) {
  Integers reversed;  // libtorch counts axes from the last
  for (std::size_t axis = rank; axis-- > 0;) {
    reversed.push_back(pads[axis]);
    reversed.push_back(pads[axis + rank]);
  }
  const at::Scalar value = call.has_input(2) ? call.inputs[2].item() : at::Scalar(call.node.real("value", 0));
  return at::constant_pad_nd(x, reversed, value);
}

Outputs pad(const OperatorCall& call) {
  at::Tensor result = call.input(0);
  const auto rank = static_cast<std::size_t>(result.dim());
  // Opset 1 called the attribute "paddings".
  const Integers given = call.integers_input(1, call.node.integers("pads", call.node.integers("paddings", {})));
  Integers axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (call.has_input(3)) axes = call.axes(3, result.dim(), {});
  if (given.size() != 2 * axes.size()) call.fail("pads must hold a begin and an end for each axis");
  Integers pads(2 * rank, 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    pads[static_cast<std::size_t>(axes[i])] = given[i];
    pads[static_cast<std::size_t>(axes[i]) + rank] = given[i + axes.size()];
  }
  Integers padded = result.sizes().vec();
  for (std::size_t axis = 0; axis < rank; ++axis) {
    if (std::abs(pads[axis]) > largest_tensor || std::abs(pads[axis + rank]) > largest_tensor)
      call.fail("pads are out of range");
    padded[axis] += pads[axis] + pads[axis + rank];
  }
  call.check_size(padded);
  const std::string mode = call.node.text("mode", "constant");
  if (mode == "constant") return {pad_constant(call, result, pads, rank)};
  if (mode != "reflect" && mode != "edge") call.fail("mode must be constant, reflect or edge");
  for (std::size_t axis = 0; axis < rank; ++axis) {
    if (pads[axis] == 0 && pads[axis + rank] == 0) continue;
    const auto dim = static_cast<std::int64_t>(axis);
    if (result.size(dim) == 0) call.fail("an empty axis cannot be padded from its own values");
    result = result.index_select(
        dim, index_tensor(padded_positions(result.size(dim), pads[axis], pads[axis + rank], mode == "reflect")));
  }
  return {result};
}

Outputs tile(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  const Integers repeats = call.integers_input(1, {});
  Integers shape = x.sizes().vec();
  if (repeats.size() != shape.size()) call.fail("repeats must hold one value an axis");
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (repeats[axis] < 0 || repeats[axis] > largest_tensor) call.fail("repeats are out of range");
    shape[axis] *= repeats[axis];
  }
  call.check_size(shape);
  return {x.repeat(repeats)};
}

std::int64_t block_size(const OperatorCall& call) {
  const std::int64_t block = call.node.integer("blocksize", 0);
  if (block < 1 || block > 4096 || call.input(0).dim() != 4)
    call.fail("blocksize must be from 1 to 4096 and the input [N][C][H][W]");
  return block;
}

Outputs depth_to_space(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  const std::int64_t block = block_size(call), n = x.size(0), c = x.size(1) / (block * block), h = x.size(2),
                     w = x.size(3);
  const bool column_row_depth = call.node.text("mode", "DCR") == "CRD";
  const at::Tensor parts = column_row_depth ? x.reshape({n, c, block, block, h, w}).permute({0, 1, 4, 2, 5, 3})
                                            : x.reshape({n, block, block, c, h, w}).permute({0, 3, 4, 1, 5, 2});
  return {parts.reshape({n, c, h * block, w * block})};
}

Outputs space_to_depth(const OperatorCall& call) {
  const at::Tensor& x = call.input(0);
  const std::int64_t block = block_size(call), n = x.size(0), c = x.size(1), h = x.size(2) / block,
                     w = x.size(3) / block;
  return {x.reshape({n, c, h, block, w, block}).permute({0, 3, 5, 1, 2, 4}).reshape({n, c * block * block, h, w})};
}

const RegisterOperator registered[] = {
    {"Transpose", transpose},
    {"Concat", concat},
    {"Slice", slice},
    {"Split", split},
    {"Gather", gather},
    {"GatherElements", gather_elements},
    {"Pad", pad},
    {"Tile", tile},
    {"DepthToSpace", depth_to_space},
    {"SpaceToDepth", space_to_depth},
};

}  // namespace
}  // namespace rebasis::run
