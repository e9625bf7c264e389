#include "sim/smartdeal/schedule.h"

#include <algorithm>
#include <array>

#include "common/units.h"
#include "workloads/booth.h"

namespace rebasis::sim::smartdeal {

std::vector<TapGroup> tap_groups(const LayerShape& shape, std::int64_t dim_F, std::int64_t fifo_entries) {
  const std::int64_t stride = shape.stride_w;
  std::vector<TapGroup> groups;
  for (std::int64_t phase = 0; phase < stride; ++phase) {
    bool open = false;
    for (std::int64_t s = 0; s < shape.S; ++s) {
      const std::int64_t column = s * shape.dilation_w;
      if (column % stride != phase) continue;
      const std::int64_t shift = column / stride;
      if (!open || shift - groups.back().first_shift > fifo_entries - dim_F) {
        groups.push_back({phase, shift, 0, {}, {}});
        open = true;
      }
      TapGroup& group = groups.back();
      group.taps.push_back(s);
      group.shifts.push_back(shift - group.first_shift);
      group.span = group.shifts.back();
    }
  }
  return groups;
}

PortCost port_cost(const LayerShape& shape, const arch::SmartDealSpec& spec, const TapGroup& group, std::int64_t tile) {
  const std::int64_t stride = shape.stride_w, element = spec.element_bytes(), word = spec.input_word_bytes();
  const std::int64_t entries = std::min(spec.dim_F, shape.F() - tile * spec.dim_F) + group.span;
  const std::int64_t bytes = entries * element, beat = spec.lane_bytes();
  const std::int64_t first_column = stride * (tile * spec.dim_F + group.first_shift) + group.phase - shape.pad_left;
  // Entries outside the row are zeros that nothing is read for.
  const std::int64_t first_inside = first_column < 0 ? ceil_div(-first_column, stride) : 0;
  const std::int64_t last_inside = first_column < shape.W ? (shape.W - 1 - first_column) / stride : -1;
  const auto word_of = [&](std::int64_t entry, std::int64_t byte) {
    const std::int64_t from_start =
        first_column + entry * stride + (spec.input_gb_row_start == "padding" ? shape.pad_left : 0);
    const std::int64_t place = spec.input_gb_columns == "by_phase" ? from_start / stride : from_start;
    return (place * element + byte) / word;
  };
  PortCost cost;
  for (std::int64_t begin = 0; begin < bytes; begin += beat) {
    const std::int64_t first = std::max(begin / element, first_inside);
    const std::int64_t last = std::min((std::min(begin + beat, bytes) - 1) / element, last_inside);
    const std::int64_t words = first <= last ? word_of(last, element - 1) - word_of(first, 0) + 1 : 0;
    cost.words += static_cast<std::int32_t>(words);
    cost.cycles += static_cast<std::int32_t>(std::max<std::int64_t>(1, ceil_div(words, spec.lane_banks())));
  }
  return cost;
}

Mode mode_of(const LayerShape& shape, const arch::SmartDealSpec& spec) {
  Mode mode;
  mode.slices = spec.dim_M;
  mode.lanes = spec.dim_C;
  mode.lines = spec.dim_C;
  mode.depthwise = shape.depthwise();
  const bool single_column = shape.F() == 1 && shape.E() == 1;
  mode.clusters = !mode.depthwise && single_column ? spec.clusters : 1;
  return mode;
}

namespace {

/// Cycles of the row segment when MAC f needs need[tap][f] cycles for a tap and no MAC may start a tap before every
/// MAC has finished the tap `lead` + 1 earlier (docs/accelerators/smartdeal.md, "Bit-serial MACs").
std::int32_t segment_cycles(const std::vector<std::vector<std::uint8_t>>& need, std::int64_t width, std::int64_t lead) {
  std::vector<std::int32_t> done(static_cast<std::size_t>(width), 0);
  std::vector<std::int32_t> slowest;  // after each tap
  for (std::size_t tap = 0; tap < need.size(); ++tap) {
    const auto t = static_cast<std::int64_t>(tap);
    const std::int32_t gate = t > lead ? slowest[static_cast<std::size_t>(t - lead - 1)] : 0;
    std::int32_t last = 0;
    for (std::size_t f = 0; f < done.size(); ++f) {
      done[f] = std::max(done[f], gate) + need[tap][f];
      last = std::max(last, done[f]);
    }
    slowest.push_back(last);
  }
  return slowest.back();
}

/// Cycles of the shift path from tap `tap` to the next; it moves while the MACs work on the tap. Paper Fig. 5.
std::int32_t shift_cycles(const TapGroup& group, std::size_t tap, std::int64_t places) {
  if (tap + 1 == group.taps.size()) return 0;
  return static_cast<std::int32_t>(ceil_div(group.shifts[tap + 1] - group.shifts[tap], places));
}

}  // namespace

CostTable::CostTable(const LayerData& layer, const Activations& activations, const arch::SmartDealSpec& spec)
    : groups_(tap_groups(layer.shape(), spec.dim_F, spec.fifo_entries())),
      channels_(layer.shape().C),
      height_(layer.shape().H),
      tiles_(ceil_div(layer.shape().F(), spec.dim_F)),
      skip_rows_(spec.skip_activations == "row"),
      skip_segments_(spec.skip_activations == "segment"),
      costs_(groups_.size() * static_cast<std::size_t>(channels_ * height_ * tiles_)),
      zero_row_(static_cast<std::size_t>(channels_ * height_)) {
  for (const TapGroup& group : groups_) {
    for (std::int64_t tile = 0; tile < tiles_; ++tile) ports_.push_back(port_cost(layer.shape(), spec, group, tile));
  }
  std::array<std::uint8_t, 256> digits_of{};
  for (int i = 0; i < 256; ++i) {
    const int value = activations.is_signed() ? static_cast<std::int8_t>(i) : i;
    digits_of[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(booth_digits(value));
  }
  std::vector<std::uint8_t> digits(static_cast<std::size_t>(layer.shape().W));
  for (std::int64_t c = 0; c < channels_; ++c) {
    for (std::int64_t h = 0; h < height_; ++h) {
      const auto row = activations.row(c, h);
      std::uint8_t any = 0;
      for (std::size_t w = 0; w < row.size(); ++w) {
        digits[w] = digits_of[row[w]];
        any |= row[w];
      }
      zero_row_[static_cast<std::size_t>(c * height_ + h)] = any == 0 ? 1 : 0;
      fill_row(layer.shape(), spec, digits, c, h);
    }
  }
}

void CostTable::fill_row(const LayerShape& shape, const arch::SmartDealSpec& spec,
                         const std::vector<std::uint8_t>& digits, std::int64_t c, std::int64_t h) {
  const std::int64_t output_columns = shape.F();
  const bool lock_step = spec.lead() == 0 || !spec.bit_serial;
  std::vector<std::vector<std::uint8_t>> need;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const TapGroup& group = groups_[g];
    for (std::int64_t tile = 0; tile < tiles_; ++tile) {
      const std::int64_t width = std::min(spec.dim_F, output_columns - tile * spec.dim_F);
      ItemCost cost;
      if (!lock_step) need.assign(group.taps.size(), std::vector<std::uint8_t>(static_cast<std::size_t>(width), 1));
      for (std::size_t tap = 0; tap < group.taps.size(); ++tap) {
        std::int32_t slowest = 1;
        std::int64_t column = tile * spec.dim_F * shape.stride_w + group.taps[tap] * shape.dilation_w - shape.pad_left;
        for (std::int64_t f = 0; f < width; ++f, column += shape.stride_w) {
          if (column < 0 || column >= shape.W) continue;
          const std::uint8_t count = digits[static_cast<std::size_t>(column)];
          cost.digits += count;
          slowest = std::max<std::int32_t>(slowest, count);
          if (!lock_step && count > 1) need[tap][static_cast<std::size_t>(f)] = count;
        }
        cost.cycles += std::max(spec.bit_serial ? slowest : 1, shift_cycles(group, tap, spec.shift_places));
      }
      if (!lock_step) cost.cycles = segment_cycles(need, width, spec.lead());
      costs_[static_cast<std::size_t>(((static_cast<std::int64_t>(g) * channels_ + c) * height_ + h) * tiles_ + tile)] =
          cost;
    }
  }
}

}  // namespace rebasis::sim::smartdeal
