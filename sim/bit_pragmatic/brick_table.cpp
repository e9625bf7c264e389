#include "sim/bit_pragmatic/brick_table.h"

#include <bit>

namespace rebasis::sim::bit_pragmatic {

int brick_cycles(std::vector<std::uint32_t> lanes, std::int64_t first_stage_bits) {
  const std::uint64_t reach =
      (std::uint64_t{1} << (1U << static_cast<unsigned>(first_stage_bits))) - 1;  // powers m .. m + 2^L - 1
  int cycles = 0;
  for (;;) {
    std::uint32_t pending = 0;
    for (const std::uint32_t lane : lanes) pending |= lane;
    if (pending == 0) return cycles == 0 ? 1 : cycles;
    const std::uint64_t window = reach << static_cast<unsigned>(std::countr_zero(pending));
    for (std::uint32_t& lane : lanes) {
      const std::uint32_t lowest = lane & (~lane + 1);
      lane ^= static_cast<std::uint32_t>(lowest & window);
    }
    ++cycles;
  }
}

OneffsetFormat format_of(const arch::BitPragmaticSpec& spec, bool is_signed) {
  return {encoding_of(spec.encoding), static_cast<int>(spec.precision_bits), is_signed};
}

PowerMasks::PowerMasks(const Activations& image, const OneffsetFormat& format) {
  const int values = image.element_bytes() == 2 ? 65536 : 256;
  lowest_ = image.is_signed() ? -values / 2 : 0;
  for (int value = lowest_; value < lowest_ + values; ++value) {
    std::uint32_t mask = 0;
    for (const Oneffset& term : oneffsets(value, format)) mask |= std::uint32_t{1} << static_cast<unsigned>(term.power);
    masks_.push_back(mask);
  }
}

namespace {

/// One window's brick: lanes, then cost.
class Encoder {
 public:
  Encoder(const LayerShape& shape, const arch::BitPragmaticSpec& spec, const Activations& image)
      : shape_(shape),
        first_stage_bits_(spec.first_stage_bits),
        image_(image),
        masks_(image, format_of(spec, image.is_signed())) {}

  [[nodiscard]] BrickCost cost(std::int64_t group, const Brick& brick, Window window) {
    lanes_.clear();
    BrickCost cost;
    const std::int64_t base = group * shape_.channels_per_group();
    const std::int64_t h = window.e * shape_.stride_h + brick.row * shape_.dilation_h - shape_.pad_top;
    for (std::int64_t s = brick.taps.first; s < brick.taps.last; ++s) {
      const std::int64_t w = window.f * shape_.stride_w + s * shape_.dilation_w - shape_.pad_left;
      if (h < 0 || h >= shape_.H || w < 0 || w >= shape_.W) continue;
      for (std::int64_t c = brick.channels.first; c < brick.channels.last; ++c) {
        const std::uint32_t mask = masks_.of(image_.at(base + c, h, w));
        ++cost.read;
        if (mask == 0) continue;
        ++cost.non_zero;
        cost.terms = static_cast<std::uint16_t>(cost.terms + std::popcount(mask));
        lanes_.push_back(mask);
      }
    }
    cost.cycles = static_cast<std::uint16_t>(brick_cycles(lanes_, first_stage_bits_));
    return cost;
  }

 private:
  const LayerShape& shape_;
  std::int64_t first_stage_bits_;
  const Activations& image_;
  PowerMasks masks_;
  std::vector<std::uint32_t> lanes_;
};

}  // namespace

BrickTable::BrickTable(const LayerShape& shape, const LayerBricks& bricks, const arch::BitPragmaticSpec& spec,
                       const Activations& image)
    : bricks_(bricks.size()), windows_(static_cast<std::size_t>(shape.E() * shape.F())), width_(shape.F()) {
  Encoder encoder(shape, spec, image);
  costs_.reserve(static_cast<std::size_t>(shape.groups) * bricks_ * windows_);
  for (std::int64_t group = 0; group < shape.groups; ++group) {
    for (std::size_t brick = 0; brick < bricks_; ++brick) {
      for (std::int64_t e = 0; e < shape.E(); ++e) {
        for (std::int64_t f = 0; f < shape.F(); ++f) costs_.push_back(encoder.cost(group, bricks[brick], {e, f}));
      }
    }
  }
}

}  // namespace rebasis::sim::bit_pragmatic
