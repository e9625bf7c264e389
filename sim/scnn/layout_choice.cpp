#include "sim/scnn/layout_choice.h"

#include <algorithm>

#include "common/units.h"
#include "sim/scnn/conflicts.h"

namespace rebasis::sim::scnn {

namespace {

constexpr std::int64_t sample_channels = 4;
constexpr std::int64_t sample_pes = 6;

struct Position {
  std::int64_t h = 0, w = 0;
};

/// Non-zero activations of a block, in storage order.
std::vector<Position> block_positions(const Activations& image, const LayerShape& shape, std::int64_t channel,
                                      std::int64_t residue, const Slice& row, const Slice& column,
                                      std::size_t longest_run) {
  std::vector<Position> positions;
  visit_block(
      image, channel, inputs_of(row_axis(shape), row.inputs, residue / shape.stride_w),
      inputs_of(column_axis(shape), column.inputs, residue % shape.stride_w),
      [&](std::int64_t h, std::int64_t w, std::size_t) {
        positions.push_back({h, w});
      },
      longest_run);
  return positions;
}

/// Cycles of the sampled steps of one candidate, for all its groups.
class Sample {
 public:
  Sample(const DenseLayer& layer, const Activations& image, const PlanarTile& tile, const arch::ScnnSpec& spec)
      : layer_(layer), image_(image), tile_(tile), spec_(spec), residues_(used_residues(layer.shape())) {}

  [[nodiscard]] std::uint64_t cycles(const LayoutCandidate& candidate, std::int64_t lanes) {
    const LayerShape& shape = layer_.shape();
    const std::int64_t groups = ceil_div(shape.M, candidate.filters * lanes);
    const Range filters{0, ceil_div(ceil_div(shape.M, groups), lanes)};
    const Range channels = channels_of(shape, filters);
    Segment segment(shape, candidate.layout, spec_);
    const std::vector<TapInterval> all{{0, std::max(shape.R * shape.dilation_h, shape.S * shape.dilation_w)}};
    segment.set_classes(all, all);
    std::uint64_t sum = 0;
    for (std::int64_t i = 0; i < std::min(sample_channels, channels.size()); ++i) {
      sum += channel_cycles(segment, filters,
                            channels.first + channels.size() * i / std::min(sample_channels, channels.size()));
    }
    return sum * static_cast<std::uint64_t>(groups);
  }

 private:
  [[nodiscard]] std::uint64_t channel_cycles(Segment& segment, Range filters, std::int64_t channel) {
    const auto most = static_cast<std::size_t>(spec_.segment_vectors() * spec_.weights_F);
    const encode::ZeroRunFormat format = format_of(spec_);
    const auto pes = static_cast<std::int64_t>(tile_.row_slices.size() * tile_.column_slices.size());
    const auto across = static_cast<std::int64_t>(tile_.column_slices.size());
    std::uint64_t sum = 0;
    for (const std::int64_t residue : residues_) {
      std::vector<StoredWeight> stored;
      append_block(layer_, weight_order(layer_.shape(), spec_, filters, channel, residue), channel, format, stored);
      std::vector<Pattern> patterns;
      for (std::int64_t i = 0; i < std::min(sample_pes, pes); ++i) {
        const std::int64_t pe = pes * i / std::min(sample_pes, pes);
        add_patterns(segment,
                     block_positions(image_, layer_.shape(), channel, residue,
                                     tile_.row_slices[static_cast<std::size_t>(pe / across)],
                                     tile_.column_slices[static_cast<std::size_t>(pe % across)], format.longest_run()),
                     patterns);
      }
      for (std::size_t first = 0; first < stored.size(); first += most) {
        segment.load(std::span(stored).subspan(first, std::min(most, stored.size() - first)));
        for (const Pattern& pattern : patterns) sum += segment.cost(pattern).cycles;
      }
    }
    return sum;
  }

  void add_patterns(const Segment& segment, const std::vector<Position>& positions,
                    std::vector<Pattern>& patterns) const {
    const Axis rows = row_axis(layer_.shape()), columns = column_axis(layer_.shape());
    const auto width = static_cast<std::size_t>(spec_.activations_I);
    for (std::size_t i = 0; i < positions.size(); ++i) {
      if (i % width == 0) patterns.emplace_back();
      patterns.back().slots[i % width] = {
          segment.activation_bank(rows.input_quotient(positions[i].h), columns.input_quotient(positions[i].w)), 0, 0,
          1};
    }
  }

  const DenseLayer& layer_;
  const Activations& image_;
  const PlanarTile& tile_;
  const arch::ScnnSpec& spec_;
  std::vector<std::int64_t> residues_;
};

}  // namespace

std::size_t best_layout(const DenseLayer& layer, const Activations& image, const PlanarTile& tile,
                        const std::vector<LayoutCandidate>& candidates, std::int64_t lanes,
                        const arch::ScnnSpec& spec) {
  Sample sample(layer, image, tile, spec);
  std::size_t best = 0;
  std::pair<std::uint64_t, std::int64_t> least{UINT64_MAX, 0};
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    // Where the sample has no work, the larger group is better.
    const std::pair score{sample.cycles(candidates[i], lanes), -candidates[i].filters};
    if (score < least) {
      least = score;
      best = i;
    }
  }
  return best;
}

}  // namespace rebasis::sim::scnn
