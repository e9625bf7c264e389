// What the array does in a step, set by set: which filters, windows and bricks. docs/accelerators/bit-pragmatic.md,
// "Order".
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "arch/bit_pragmatic/spec.h"
#include "sim/core/sequence/step_plan.h"
#include "workloads/layer_shape.h"

namespace rebasis::sim::bit_pragmatic {

/// Position of a brick in a window: channels of the group, a kernel row, neighbouring columns of it. Lane i holds
/// column taps.first + i / channels.size() and channel channels.first + i % channels.size().
struct Brick {
  Range channels;
  std::int64_t row = 0;  ///< of the kernel
  Range taps;            ///< columns of the kernel; one unless bricks are folded
  [[nodiscard]] std::int64_t values() const { return channels.size() * taps.size(); }
};

/// The bricks of a window in the order in which they are processed: channels, rows, columns.
class LayerBricks {
 public:
  /// `packed`: groups of the layer that were made one; a lane meets only the filters of its own.
  LayerBricks(const LayerShape& shape, const arch::BitPragmaticSpec& spec, std::int64_t packed);
  [[nodiscard]] const Brick& operator[](std::size_t i) const { return bricks_[i]; }
  [[nodiscard]] std::size_t size() const { return bricks_.size(); }
  /// Those of the channels of a tile, which begin at a multiple of the lanes.
  [[nodiscard]] Range of(Range channels) const;
  [[nodiscard]] std::int64_t packed() const { return packed_; }

 private:
  std::int64_t lanes_, packed_;
  std::int64_t bricks_per_chunk_ = 0;
  std::vector<Brick> bricks_;
};

/// An output position.
struct Window {
  std::int64_t e = 0, f = 0;
};

/// A weight set and the pallet that it meets.
struct SetPosition {
  std::int64_t group = 0;  ///< convolution group
  Range filters;           ///< of the whole layer, at most the array's
  std::int64_t pallet = 0;
  std::size_t brick = 0;  ///< of LayerBricks
  bool last_of_window = false;
};

/// The sets of a step: for each group, for each pass over filters, for each pallet, for each brick.
class StepWork {
 public:
  StepWork(const LayerShape& shape, const LayerBricks& bricks, const arch::BitPragmaticSpec& spec,
           const ConvTile& tile);
  [[nodiscard]] std::int64_t sets() const { return tile_.groups.size() * passes_ * pallets_ * bricks_.size(); }
  [[nodiscard]] SetPosition set(std::int64_t number) const;
  /// The window of a column in a pallet; none when there is none left.
  [[nodiscard]] std::optional<Window> window(std::int64_t pallet, std::int64_t column) const;

  [[nodiscard]] std::int64_t passes() const { return passes_; }
  [[nodiscard]] std::int64_t pallets() const { return pallets_; }
  [[nodiscard]] Range bricks() const { return bricks_; }
  /// Filters of a pass, counted over the whole layer.
  [[nodiscard]] Range filters(std::int64_t group, std::int64_t pass) const;
  [[nodiscard]] const ConvTile& tile() const { return tile_; }

 private:
  ConvTile tile_;
  Range bricks_;
  std::int64_t filters_per_group_, array_filters_, columns_;
  bool within_row_;
  std::int64_t passes_, pallets_, pallets_per_row_;
};

}  // namespace rebasis::sim::bit_pragmatic
