// A layer's synapses as Cambricon-X stores them: for each filter of a tile, the non-zero weights (and placeholders) in
// the order of the candidates r, s, c, each with its step; and a count of them.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "arch/cambricon_x/spec.h"
#include "sim/core/dense_layer.h"
#include "sim/core/tiling/tiling.h"

namespace rebasis::sim::cambricon_x {

/// One filter over a range of channels of its group.
struct FilterPart {
  std::int64_t kept = 0;  ///< synapses stored, placeholders among them
  std::int64_t non_zero = 0;
  std::int64_t cycles = 0;  ///< of a lane for one output, when the part begins a line
};

class SparseLayer {
 public:
  /// `spec` outlives the layer.
  SparseLayer(DenseLayer layer, const arch::CambriconXSpec& spec);

  [[nodiscard]] const DenseLayer& dense() const { return dense_; }
  [[nodiscard]] const LayerShape& shape() const { return dense_.shape(); }
  [[nodiscard]] const arch::CambriconXSpec& spec() const { return spec_; }

  /// Weights of a filter over a range of its group's channels, in the order r, s, c.
  void window(std::int64_t filter, Range channels, std::vector<std::int8_t>& weights) const;
  /// Of every filter; kept for the next call.
  [[nodiscard]] const std::vector<FilterPart>& parts(Range channels) const;

  /// Bytes that a filter takes in a synapse buffer; the bias goes with the first channels.
  [[nodiscard]] std::int64_t synapse_bytes(const FilterPart& part, Range channels) const;
  /// Bytes of its steps and its count, in the index buffer.
  [[nodiscard]] std::int64_t index_bytes(const FilterPart& part, Range channels) const;
  [[nodiscard]] WeightBytes stored(const ConvTile& tile) const;
  /// Where the weights of a tile, zeros too, are in dense().weights: filter after filter in the order of window().
  void order(const ConvTile& tile, std::vector<std::int32_t>& places) const;
  [[nodiscard]] std::uint64_t tile_bias_bytes(const ConvTile& tile) const;
  /// Non-zero weights alone, whatever the tiles.
  [[nodiscard]] WeightBytes least_stored() const;

  /// Candidates that a line may be gathered from without a cut (indexing.gather), for one group.
  [[nodiscard]] std::int64_t segment(Range channels) const;

 private:
  DenseLayer dense_;
  const arch::CambriconXSpec& spec_;
  std::vector<std::int8_t> by_tap_;  ///< [M][R][S][C / groups]
  mutable std::map<std::pair<std::int64_t, std::int64_t>, std::vector<FilterPart>> parts_;
};

/// Filters of a tile, numbered over all groups, in order.
[[nodiscard]] std::vector<std::int64_t> filters_of(const LayerShape& shape, const ConvTile& tile);

}  // namespace rebasis::sim::cambricon_x
