// A layer whose products are reused: its im2row matrix in sub-vectors.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "arch/trec/spec.h"
#include "common/units.h"
#include "sim/core/activations.h"
#include "sim/core/dense_layer.h"
#include "sim/core/sequence/step_plan.h"
#include "workloads/reuse/reuse.h"

namespace rebasis::sim::trec {

struct ReuseLayer {
  DenseLayer dense;
  reuse::HashVectors hash;

  [[nodiscard]] const LayerShape& shape() const { return dense.info.shape; }
  /// D: elements of a row of the im2row matrix of a group.
  [[nodiscard]] std::int64_t depth() const { return shape().channels_per_group() * shape().R * shape().S; }
  [[nodiscard]] std::int64_t columns() const { return ceil_div(depth(), hash.length); }
  /// First element, and elements, of the sub-vectors of a column.
  [[nodiscard]] std::int64_t first_of(std::int64_t column) const { return column * hash.length; }
  [[nodiscard]] std::int64_t length_of(std::int64_t column) const {
    return std::min(hash.length, depth() - first_of(column));
  }
  /// Weight of filter m (of all groups) at element d of a row.
  [[nodiscard]] std::int8_t weight(std::int64_t m, std::int64_t d) const {
    return dense.weights[static_cast<std::size_t>(m * depth() + d)];
  }
};

/// An element of the im2row matrix.
struct Element {
  std::int64_t c = 0, h = 0, w = 0;  ///< channel of all groups, row and column of the map
  bool inside = false;               ///< of the map; padding is zero and stored nowhere
};
/// Element `d` of the row of output (e, f) of a group.
[[nodiscard]] inline Element element_at(const LayerShape& shape, std::int64_t group, std::int64_t e, std::int64_t f,
                                        std::int64_t d) {
  const std::int64_t kernel = shape.R * shape.S;
  const std::int64_t h = e * shape.stride_h + d % kernel / shape.S * shape.dilation_h - shape.pad_top;
  const std::int64_t w = f * shape.stride_w + d % shape.S * shape.dilation_w - shape.pad_left;
  return {group * shape.channels_per_group() + d / kernel, h, w, h >= 0 && h < shape.H && w >= 0 && w < shape.W};
}

/// Reads the layer and its hash vectors. Throws Error(bad_input) as load_dense_layer().
[[nodiscard]] ReuseLayer load_reuse_layer(const trace::TraceReader& trace, const trace::LayerInfo& info);

/// What the machine computes, [M][E][F], when buckets are shared by `tile_rows` output rows at a time: the reference of
/// workloads/reuse on each tile.
[[nodiscard]] std::vector<std::int64_t> reused_outputs(const ReuseLayer& layer, const Activations& image,
                                                       std::int64_t tile_rows);

}  // namespace rebasis::sim::trec
