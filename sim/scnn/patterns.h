// The activation vectors of a planar tile as patterns: what of them decides how long their steps take.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "sim/core/activations.h"
#include "sim/scnn/conflicts.h"
#include "sim/scnn/geometry.h"

namespace rebasis::sim::scnn {

class TilePatterns {
 public:
  /// `segment` knows the banks. Patterns are normalised to their first activation when a step's time does not depend on
  /// the steps before (no bank queues).
  TilePatterns(const Activations& image, const LayerShape& shape, const PlanarTile& tile, const arch::ScnnSpec& spec,
               const Segment& segment);

  [[nodiscard]] std::size_t pes() const { return pes_; }
  [[nodiscard]] const std::vector<Pattern>& patterns() const { return patterns_; }
  [[nodiscard]] std::span<const TapInterval> row_classes() const { return row_classes_; }
  [[nodiscard]] std::span<const TapInterval> column_classes() const { return column_classes_; }
  /// Patterns of the vectors of a block, in order.
  [[nodiscard]] std::span<const std::uint32_t> vectors(std::int64_t channel, std::size_t residue,
                                                       std::size_t pe) const {
    const std::size_t block = (static_cast<std::size_t>(channel) * residues_ + residue) * pes_ + pe;
    return {vectors_.data() + starts_[block], starts_[block + 1] - starts_[block]};
  }
  /// Stored activations of a block, placeholders included.
  [[nodiscard]] std::uint32_t stored(std::int64_t channel, std::size_t residue, std::size_t pe) const {
    return stored_[(static_cast<std::size_t>(channel) * residues_ + residue) * pes_ + pe];
  }

 private:
  class Builder;
  std::size_t pes_, residues_;
  std::vector<Pattern> patterns_;
  std::vector<TapInterval> row_classes_, column_classes_;
  std::vector<std::size_t> starts_;
  std::vector<std::uint32_t> vectors_, stored_;
};

/// Taps, by quotient, whose products with input `i` fall into `outputs`.
[[nodiscard]] TapInterval tap_interval(const Axis& axis, std::int64_t i, Range outputs);

}  // namespace rebasis::sim::scnn
