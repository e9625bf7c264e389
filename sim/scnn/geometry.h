// Who has what of the plane: how a planar tile of outputs and the inputs it needs are spread over the PEs, and which
// inputs meet which kernel taps when the stride is not 1. docs/accelerators/scnn.md, "Planar tiles".
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/sequence/step_plan.h"
#include "workloads/layer_shape.h"

namespace rebasis::sim::scnn {

/// One dimension of the plane. Input i and tap t meet in output (i + pad - t * dilation) / stride when that is whole:
/// when both leave the same residue. The output is then the difference of their quotients.
struct Axis {
  std::int64_t inputs = 1, outputs = 1, kernel = 1, stride = 1, dilation = 1, pad = 0;

  [[nodiscard]] std::int64_t input_residue(std::int64_t i) const { return (i + pad) % stride; }
  [[nodiscard]] std::int64_t input_quotient(std::int64_t i) const { return (i + pad) / stride; }
  [[nodiscard]] std::int64_t tap_residue(std::int64_t t) const { return t * dilation % stride; }
  [[nodiscard]] std::int64_t tap_quotient(std::int64_t t) const { return t * dilation / stride; }
  /// Some tap leaves it.
  [[nodiscard]] bool used(std::int64_t residue) const;
  /// Inputs from the first to the last that the outputs need, inside the map; may be empty.
  [[nodiscard]] Range needed(Range outputs) const;
};
[[nodiscard]] Axis row_axis(const LayerShape& shape);
[[nodiscard]] Axis column_axis(const LayerShape& shape);

/// What a PE has of one dimension of a planar tile.
struct Slice {
  Range inputs;  ///< held in its IARAM
  Range own;     ///< outputs that it finishes
  Range reach;   ///< outputs that it accumulates: its own and the halo
  bool operator==(const Slice&) const = default;
};

/// Spreads the outputs evenly over at most `pes` PEs; the inputs follow, centred. PEs without outputs have no slice.
[[nodiscard]] std::vector<Slice> slices(const Axis& axis, Range outputs, std::int64_t pes);

/// A planar tile: PE (i, j) has rows[i] and columns[j].
struct PlanarTile {
  Range rows, columns;  ///< outputs
  std::vector<Slice> row_slices, column_slices;
};

/// Residue classes that meet a tap, as row residue * stride_w + column residue, ascending.
[[nodiscard]] std::vector<std::int64_t> used_residues(const LayerShape& shape);

/// Inputs of a slice that leave the residue, ascending.
[[nodiscard]] std::vector<std::int64_t> inputs_of(const Axis& axis, Range inputs, std::int64_t residue);
/// Taps that leave the residue, ascending.
[[nodiscard]] std::vector<std::int64_t> taps_of(const Axis& axis, std::int64_t residue);

}  // namespace rebasis::sim::scnn
