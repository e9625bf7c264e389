// The cycles and terms of every brick of an image: they depend on the activations only, so all filters reuse them.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/bit_pragmatic/oneffsets.h"
#include "sim/bit_pragmatic/step_work.h"
#include "sim/core/activations.h"

namespace rebasis::sim::bit_pragmatic {

/// Cycles of a column for the lanes' oneffsets, given as masks of powers: per cycle the lowest pending power m is the
/// common shift, and each lane whose lowest pending power is at most m + 2^first_stage_bits - 1 retires it. None
/// pending: one cycle.
[[nodiscard]] int brick_cycles(std::vector<std::uint32_t> lanes, std::int64_t first_stage_bits);

struct BrickCost {
  std::uint16_t cycles = 1;
  std::uint16_t terms = 0;     ///< oneffsets
  std::uint16_t non_zero = 0;  ///< activations
  std::uint16_t read = 0;      ///< activations inside the map; the others are padding
};

class BrickTable {
 public:
  BrickTable(const LayerShape& shape, const LayerBricks& bricks, const arch::BitPragmaticSpec& spec,
             const Activations& image);
  [[nodiscard]] const BrickCost& at(std::int64_t group, std::size_t brick, Window window) const {
    return costs_[(static_cast<std::size_t>(group) * bricks_ + brick) * windows_ +
                  static_cast<std::size_t>(window.e * width_ + window.f)];
  }

 private:
  std::size_t bricks_, windows_;
  std::int64_t width_;
  std::vector<BrickCost> costs_;  ///< [group][brick][E][F]
};

/// Powers of each value's oneffsets as a mask.
class PowerMasks {
 public:
  explicit PowerMasks(const Activations& image, const OneffsetFormat& format);
  [[nodiscard]] std::uint32_t of(int value) const { return masks_[static_cast<std::size_t>(value - lowest_)]; }

 private:
  int lowest_;
  std::vector<std::uint32_t> masks_;
};

[[nodiscard]] OneffsetFormat format_of(const arch::BitPragmaticSpec& spec, bool is_signed);

}  // namespace rebasis::sim::bit_pragmatic
