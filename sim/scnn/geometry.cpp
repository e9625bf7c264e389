#include "sim/scnn/geometry.h"

#include <algorithm>

#include "common/units.h"

namespace rebasis::sim::scnn {

bool Axis::used(std::int64_t residue) const { return !taps_of(*this, residue).empty(); }

Range Axis::needed(Range wanted) const {
  const std::int64_t first = std::clamp<std::int64_t>(wanted.first * stride - pad, 0, inputs);
  const std::int64_t last =
      std::clamp<std::int64_t>((wanted.last - 1) * stride + (kernel - 1) * dilation - pad + 1, first, inputs);
  return {first, last};
}

Axis row_axis(const LayerShape& shape) {
  return {shape.H, shape.E(), shape.R, shape.stride_h, shape.dilation_h, shape.pad_top};
}
Axis column_axis(const LayerShape& shape) {
  return {shape.W, shape.F(), shape.S, shape.stride_w, shape.dilation_w, shape.pad_left};
}

namespace {

/// The slice's own outputs and those of the tile that its inputs touch.
Range reach_of(const Axis& axis, const Slice& slice, Range tile) {
  Range reach = slice.own;
  for (std::int64_t i = slice.inputs.first; i < slice.inputs.last; ++i) {
    for (std::int64_t t = 0; t < axis.kernel; ++t) {
      if (axis.tap_residue(t) != axis.input_residue(i)) continue;
      const std::int64_t output = axis.input_quotient(i) - axis.tap_quotient(t);
      if (output < tile.first || output >= tile.last) continue;
      reach = {std::min(reach.first, output), std::max(reach.last, output + 1)};
    }
  }
  return reach;
}

/// A halo that belongs to a PE beyond the neighbour passes through the neighbour's accumulators.
void pass_on_halos(std::vector<Slice>& list) {
  for (std::size_t i = list.size(); i-- > 1;)
    list[i - 1].reach.first = std::min(list[i - 1].reach.first, list[i].reach.first);
  for (std::size_t i = 1; i < list.size(); ++i)
    list[i].reach.last = std::max(list[i].reach.last, list[i - 1].reach.last);
}

}  // namespace

std::vector<Slice> slices(const Axis& axis, Range outputs, std::int64_t pes) {
  const std::int64_t size = ceil_div(outputs.size(), pes), used = ceil_div(outputs.size(), size);
  const Range needed = axis.needed(outputs);
  const std::int64_t centre = (axis.kernel - 1) * axis.dilation / 2;
  const auto border = [&](std::int64_t i) {  // first input of slice i
    if (i == 0) return needed.first;
    if (i == used) return needed.last;
    return std::clamp((outputs.first + i * size) * axis.stride - axis.pad + centre, needed.first, needed.last);
  };
  std::vector<Slice> list;
  for (std::int64_t i = 0; i < used; ++i) {
    const Range own{outputs.first + i * size, std::min(outputs.first + (i + 1) * size, outputs.last)};
    Slice slice{{border(i), border(i + 1)}, own, own};
    slice.reach = reach_of(axis, slice, outputs);
    list.push_back(slice);
  }
  pass_on_halos(list);
  return list;
}

std::vector<std::int64_t> used_residues(const LayerShape& shape) {
  const Axis rows = row_axis(shape), columns = column_axis(shape);
  std::vector<std::int64_t> list;
  for (std::int64_t r = 0; r < shape.stride_h; ++r) {
    for (std::int64_t s = 0; s < shape.stride_w; ++s) {
      if (rows.used(r) && columns.used(s)) list.push_back(r * shape.stride_w + s);
    }
  }
  return list;
}

std::vector<std::int64_t> inputs_of(const Axis& axis, Range inputs, std::int64_t residue) {
  std::vector<std::int64_t> list;
  for (std::int64_t i = inputs.first; i < inputs.last; ++i) {
    if (axis.input_residue(i) == residue) list.push_back(i);
  }
  return list;
}

std::vector<std::int64_t> taps_of(const Axis& axis, std::int64_t residue) {
  std::vector<std::int64_t> list;
  for (std::int64_t t = 0; t < axis.kernel; ++t) {
    if (axis.tap_residue(t) == residue) list.push_back(t);
  }
  return list;
}

}  // namespace rebasis::sim::scnn
