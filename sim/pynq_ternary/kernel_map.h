// How a layer's kernels are laid on PEs of C_g x K_h x K_w lanes: units of channels, pieces of kernel, sweeps over the
// map. docs/accelerators/pynq-z1-ternary.md, "Kernels of other sizes".
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/core/sequence/step_plan.h"
#include "sim/pynq_ternary/layer.h"

namespace rebasis::sim::pynq_ternary {

/// Taps [rows) x [columns) of a kernel that a PE applies at once.
struct Piece {
  Range rows, columns;
};

/// Kernels larger than the PE are cut; dilated ones into pieces one tap wide (high) in the dilated direction.
[[nodiscard]] std::vector<Piece> cut_kernel(const LayerShape& shape, const arch::PynqTernarySpec& spec);

/// Channels of a unit: C_g, or several times that when the kernel leaves row banks of the PE free (1 x 1: K_h times).
[[nodiscard]] std::int64_t unit_channels(const LayerShape& shape, const arch::PynqTernarySpec& spec);

/// The columns that the window moves over for one output row of a tile: one a cycle.
class Sweep {
 public:
  Sweep(const LayerShape& shape, const Piece& piece, Range columns);
  [[nodiscard]] std::int64_t trips() const { return trips_; }
  /// Input column that enters the window at `trip`; may lie outside the map.
  [[nodiscard]] std::int64_t column(std::int64_t trip) const;
  /// Output column, from the tile's first, that is complete after `trip`.
  [[nodiscard]] std::optional<std::int64_t> output(std::int64_t trip) const;

 private:
  std::int64_t first_, width_, stride_, trips_;
  bool jumps_;  ///< windows of neighbouring outputs do not overlap: no column is swept in vain
};

/// The whole layer's units: which have a non-zero weight, and how many.
class UnitTable {
 public:
  UnitTable(const TernaryLayer& layer, const arch::PynqTernarySpec& spec);
  [[nodiscard]] std::int64_t channels() const { return channels_; }  ///< of a unit; the last of a filter may have fewer
  [[nodiscard]] std::int64_t per_filter() const { return per_filter_; }
  [[nodiscard]] std::int64_t channels_of(std::int64_t unit) const;
  [[nodiscard]] bool nonzero(std::int64_t m, std::int64_t unit) const { return weights(m, unit) != 0; }
  /// Non-zero weights.
  [[nodiscard]] std::int64_t weights(std::int64_t m, std::int64_t unit) const {
    return nonzeros_[static_cast<std::size_t>(m * per_filter_ + unit)];
  }
  [[nodiscard]] std::int64_t total() const { return static_cast<std::int64_t>(nonzeros_.size()); }
  [[nodiscard]] std::int64_t nonzero_units() const;

 private:
  std::int64_t layer_channels_, channels_, per_filter_;
  std::vector<std::int32_t> nonzeros_;  ///< [M][per_filter]
};

/// Units of one filter that a tile's channels hold.
[[nodiscard]] inline Range units_of(const ConvTile& tile, std::int64_t unit_channels) {
  return {tile.channels.first / unit_channels, (tile.channels.last + unit_channels - 1) / unit_channels};
}

}  // namespace rebasis::sim::pynq_ternary
