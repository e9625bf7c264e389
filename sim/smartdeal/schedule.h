// What each lane of the input buffer examines and delivers, in order: the static part of the SmartDeal accelerator's
// control. It holds no time. docs/accelerators/smartdeal.md, "Order of work".
#pragma once

#include <cstdint>
#include <vector>

#include "arch/smartdeal/spec.h"
#include "sim/smartdeal/layer_data.h"

namespace rebasis::sim::smartdeal {

/// Taps of a kernel row that one FIFO filling serves: they read the same phase of the input row (column mod U) and
/// their shifts differ by at most FIFO - dim_F. With U = 1, D = 1 and S <= pe.max_kernel a row has one group.
struct TapGroup {
  std::int64_t phase = 0;            ///< input column modulo U
  std::int64_t first_shift = 0;      ///< shift of the first tap, in columns of the phase
  std::int64_t span = 0;             ///< last shift - first shift
  std::vector<std::int64_t> taps;    ///< s of each tap, ascending
  std::vector<std::int64_t> shifts;  ///< of each tap, from first_shift
};
[[nodiscard]] std::vector<TapGroup> tap_groups(const LayerShape& shape, std::int64_t dim_F, std::int64_t fifo_entries);

/// Time and digits of one row segment on one line: depends on activations only, so every slice shares it.
struct ItemCost {
  std::int32_t cycles = 0;  ///< the line is busy
  std::int32_t digits = 0;  ///< non-zero Booth digits processed, all MACs
};

/// What a row segment takes of its lane's port; the same for every channel and row.
struct PortCost {
  std::int32_t cycles = 0;  ///< the port is busy
  std::int32_t words = 0;   ///< read from the lane's banks
};
/// Of the segment of `group` for column tile `tile` (docs/accelerators/smartdeal.md, rule 8).
[[nodiscard]] PortCost port_cost(const LayerShape& shape, const arch::SmartDealSpec& spec, const TapGroup& group,
                                 std::int64_t tile);

/// ItemCost of every (tap group, channel, input row, column tile) and the zero rows, for one image.
class CostTable {
 public:
  CostTable(const LayerData& layer, const Activations& activations, const arch::SmartDealSpec& spec);
  [[nodiscard]] const ItemCost& at(std::int64_t group, std::int64_t c, std::int64_t h, std::int64_t tile) const {
    return costs_[static_cast<std::size_t>(((group * channels_ + c) * height_ + h) * tiles_ + tile)];
  }
  [[nodiscard]] const PortCost& port(std::int64_t group, std::int64_t tile) const {
    return ports_[static_cast<std::size_t>(group * tiles_ + tile)];
  }
  /// True when the index selector skips the segment.
  [[nodiscard]] bool skipped(std::int64_t group, std::int64_t c, std::int64_t h, std::int64_t tile) const {
    if (skip_segments_) return at(group, c, h, tile).digits == 0;
    return skip_rows_ && zero_row_[static_cast<std::size_t>(c * height_ + h)] != 0;
  }
  [[nodiscard]] const std::vector<TapGroup>& groups() const { return groups_; }

 private:
  void fill_row(const LayerShape& shape, const arch::SmartDealSpec& spec, const std::vector<std::uint8_t>& digits,
                std::int64_t c, std::int64_t h);

  std::vector<TapGroup> groups_;
  std::int64_t channels_, height_, tiles_;
  bool skip_rows_, skip_segments_;
  std::vector<ItemCost> costs_;
  std::vector<PortCost> ports_;  ///< [group][tile]
  std::vector<std::uint8_t> zero_row_;
};

/// How layer and array meet (paper V-B, "PE slices and dataflow" and "handling of compact models").
struct Mode {
  bool depthwise = false;     ///< kernel rows on lines, a channel a slice
  std::int64_t clusters = 1;  ///< filters a slice computes at once (FC and squeeze-and-excite: MAC clusters)
  std::int64_t slices = 0;    ///< dim_M
  std::int64_t lanes = 0;     ///< dim_C ports of the input buffer
  std::int64_t lines = 0;     ///< dim_C
  [[nodiscard]] std::int64_t filters_at_once() const { return slices * clusters; }
};
[[nodiscard]] Mode mode_of(const LayerShape& shape, const arch::SmartDealSpec& spec);

/// dim_F columns of one output row.
struct Tile {
  std::int64_t e = 0;      ///< output row
  std::int64_t index = 0;  ///< column tile; its first column is index * dim_F
  std::int64_t width = 0;  ///< columns, at most dim_F
};

/// A pair of weight row and input row that the index selector examines.
struct Candidate {
  std::int64_t row = 0;                          ///< weight row in the filter
  std::int64_t channel = 0;                      ///< input channel, counted over all groups
  std::int64_t h = 0;                            ///< input row
  std::int64_t group = 0;                        ///< tap group
  std::int64_t line = 0;                         ///< PE line that computes it
  std::int64_t first_slice = 0, last_slice = 0;  ///< slices it concerns, half open
};

/// Filters and units (channels or channel vectors) of a pass.
struct PassRange {
  std::int64_t conv_group = 0;
  std::int64_t first_filter = 0, filters = 0;  ///< in M
  std::int64_t first_unit = 0, last_unit = 0;  ///< half open
};

/// Calls visit(candidate) for every pair that lane `lane` examines for `tile`, in order.
template <class Visit>
void for_each_candidate(const LayerShape& shape, const WeightLayout& layout, const Mode& mode,
                        std::int64_t tap_group_count, const PassRange& pass, const Tile& tile, std::int64_t lane,
                        Visit&& visit) {
  const auto input_row = [&](std::int64_t r) { return tile.e * shape.stride_h + r * shape.dilation_h - shape.pad_top; };
  Candidate candidate;
  if (mode.depthwise) {  // lane p serves the slices m = p (mod dim_C); kernel row r is line r's
    for (std::int64_t slice = lane; slice < pass.filters; slice += mode.lanes) {
      candidate.first_slice = slice;
      candidate.last_slice = slice + 1;
      candidate.channel = (pass.first_filter + slice) / shape.filters_per_group();
      for (std::int64_t r = 0; r < shape.R; ++r) {
        candidate.h = input_row(r);
        if (candidate.h < 0 || candidate.h >= shape.H) continue;
        candidate.row = r;
        candidate.line = r % mode.lines;
        for (candidate.group = 0; candidate.group < tap_group_count; ++candidate.group) visit(candidate);
      }
    }
    return;
  }
  candidate.line = lane;
  candidate.last_slice = std::min(mode.slices, pass.filters);
  const std::int64_t group_channels = shape.channels_per_group();
  const std::int64_t offset = (lane - pass.first_unit % mode.lanes + mode.lanes) % mode.lanes;
  for (std::int64_t unit = pass.first_unit + offset; unit < pass.last_unit; unit += mode.lanes) {
    const std::int64_t first_channel = unit * layout.channels_per_unit;
    const std::int64_t last_channel = std::min(first_channel + layout.channels_per_unit, group_channels);
    for (std::int64_t r = 0; r < shape.R; ++r) {
      candidate.h = input_row(r);
      if (candidate.h < 0 || candidate.h >= shape.H) continue;
      candidate.row = unit * layout.rows_per_unit + r;
      for (std::int64_t c = first_channel; c < last_channel; ++c) {
        candidate.channel = pass.conv_group * group_channels + c;
        for (candidate.group = 0; candidate.group < tap_group_count; ++candidate.group) visit(candidate);
      }
    }
  }
}

}  // namespace rebasis::sim::smartdeal
