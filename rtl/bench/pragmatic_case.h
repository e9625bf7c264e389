// The model of a Bit-Pragmatic column for its bench: registers, random layers, the array without its controller.
// RTL_BITS, RTL_LANES, RTL_FILTERS, RTL_FIRST_STAGE_BITS and RTL_BUFFERS are the block's parameters.
#pragma once

#include <algorithm>
#include <bit>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/bit_pragmatic/clocked/column.h"
#include "sim/bit_pragmatic/names.h"
#include "tests/support/dice.h"

namespace rebasis::sim::bit_pragmatic {

class RegisterView {
 public:
  static bool offered(const Column& column, const ColumnView& view) { return !column.wait_cause(view); }
  static bool result_waits(const Column& column) { return column.result_waits_; }
  struct Stage {
    bool last;
    int common;
    const std::vector<std::int64_t>* trees;
  };
  /// From the control stage to the trees'.
  static std::vector<std::optional<Stage>> stages(const Column& column) {
    std::vector<std::optional<Stage>> view;
    for (const auto& stage : column.pipe_)
      view.push_back(stage ? std::optional(Stage{stage->last, stage->common, &stage->trees}) : std::nullopt);
    return view;
  }
  static const std::vector<std::int64_t>& sums(const Column& column) { return column.sums_; }
  static const std::vector<std::deque<Oneffset>>& pending(const Column& column) { return column.pending_; }
};

}  // namespace rebasis::sim::bit_pragmatic

namespace rebasis::rtl {

using namespace sim::bit_pragmatic;

constexpr std::int64_t bits = RTL_BITS, lanes = RTL_LANES, filters = RTL_FILTERS;
constexpr std::int64_t reach = std::min<std::int64_t>(bits, (1 << RTL_FIRST_STAGE_BITS) - 1);
constexpr std::size_t term_w = bits + reach + 1,
                      tree_w = term_w + std::bit_width(static_cast<std::uint64_t>(lanes - 1));

/// A column as the RTL's.
inline arch::BitPragmaticSpec column_spec() {
  arch::BitPragmaticSpec spec = arch::bit_pragmatic_parameters().resolve({});
  spec.precision_bits = bits;
  spec.tiles = 1;
  spec.rows = filters;
  spec.columns = 1;
  spec.lanes = lanes;
  spec.first_stage_bits = RTL_FIRST_STAGE_BITS;
  spec.pipeline_stages = 3;
  spec.sb_weights_per_cycle = lanes * filters;
  return spec;
}

inline arch::BitPragmaticSpec random_spec(test::Dice& dice) {
  arch::BitPragmaticSpec spec = column_spec();
  spec.columns = 2;
  spec.encoding = dice.pick<std::string>({"plain", "booth", "naf"});
  spec.sync = dice.pick<std::string>({"column", "column", "pallet"});
  spec.registers = dice.between(1, RTL_BUFFERS);
  spec.fold = dice.pick<std::string>({"row", "off"});
  spec.nbin_row_bricks = dice.pick<std::int64_t>({1, 4});
  spec.sb_weights_per_cycle = dice.pick<std::int64_t>({(lanes * filters + 2) / 3, lanes * filters});
  return spec;
}

inline sim::DenseLayer random_layer(test::Dice& dice) {
  sim::DenseLayer layer;
  LayerShape& shape = layer.info.shape;
  layer.info.name = "random";
  shape.M = dice.between(1, 2 * filters + 1);
  shape.C = dice.between(1, 2 * lanes + 1);
  shape.R = dice.pick<std::int64_t>({1, 3, 5});
  shape.S = dice.pick<std::int64_t>({1, 3, 3, 7});
  shape.H = shape.R + dice.between(0, 3);
  shape.W = shape.S + dice.between(0, 4);
  shape.stride_h = shape.stride_w = dice.pick<std::int64_t>({1, 1, 2});
  layer.weights.resize(static_cast<std::size_t>(shape.weights()));
  const bool extreme = dice.chance(0.1);
  for (auto& weight : layer.weights) weight = static_cast<std::int8_t>(extreme ? -128 : dice.between(-128, 127));
  return layer;
}

/// Bytes of the activations, which are as wide as the column or half as wide.
inline std::vector<std::uint8_t> random_values(const LayerShape& shape, std::int64_t bytes, test::Dice& dice) {
  std::vector<std::uint8_t> values(static_cast<std::size_t>(bytes * shape.C * shape.H * shape.W));
  const std::int64_t corner = dice.between(0, 9);
  const double density = dice.pick<double>({0.2, 0.7, 1});
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (corner == 1) values[i] = 0xFF;
    if (corner == 2) values[i] = static_cast<std::int64_t>(i) % bytes == bytes - 1 ? 0x80 : 0;
    if (corner > 2 && dice.chance(density)) values[i] = static_cast<std::uint8_t>(dice.between(0, 255));
  }
  return values;
}

/// The model's array without its controller.
struct Array {
  Array(const sim::DenseLayer& layer, const arch::BitPragmaticSpec& spec, const sim::Activations& image,
        sim::Counters& counters)
      : shape(layer.shape()),
        bricks(shape, spec, 1),
        weights(layer, bricks, spec, counters),
        values(shape, bricks, spec, image, counters) {
    sim::ConvTile tile;
    tile.groups = {0, shape.groups};
    tile.filters = {0, shape.filters_per_group()};
    tile.channels = {0, shape.channels_per_group()};
    tile.rows = {0, shape.E()};
    tile.columns = {0, shape.F()};
    work = std::make_shared<const StepWork>(shape, bricks, spec, tile);
    weights.prepare(work, spec.weights_latency());
    values.prepare(work, spec.bricks_latency());
    outputs.assign(static_cast<std::size_t>(shape.M * shape.E() * shape.F()), 0);
    const OneffsetFormat format{encoding_of(spec.encoding), static_cast<int>(bits), image.is_signed()};
    for (std::size_t i = 0; i < static_cast<std::size_t>(spec.columns); ++i) {
      column.emplace_back(i, spec, format, 1, counters);
      column.back().prepare(work);
    }
    all_taken.assign(static_cast<std::size_t>(work->sets()), 0);
    left.resize(all_taken.size());
    for (std::int64_t set = 0; set < work->sets(); ++set) {
      for (std::int64_t i = 0; i < spec.columns; ++i)
        left[static_cast<std::size_t>(set)] += work->window(work->set(set).pallet, i) ? 1 : 0;
    }
  }
  [[nodiscard]] bool room(std::int64_t set, std::int64_t held) const {
    return set < held || (set - held < work->sets() && all_taken[static_cast<std::size_t>(set - held)] != 0);
  }

  const LayerShape& shape;
  LayerBricks bricks;
  SynapseBuffer weights;
  Dispatcher values;
  std::shared_ptr<const StepWork> work;
  std::vector<Column> column;
  std::vector<std::uint8_t> all_taken;
  std::vector<int> left;  ///< columns that have not taken a set
  bool all_free = true;
  std::vector<std::int64_t> outputs;  ///< of the RTL's column: [M][E][F]
};

}  // namespace rebasis::rtl
