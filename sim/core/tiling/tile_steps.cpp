// The tiles of a tiling in order, with their places in DRAM: weights tile after tile as they are first used; maps in
// planes of a tile's channels, [H][W][channels of the tile], so that any run of columns is contiguous.
#include <algorithm>
#include <tuple>

#include "common/units.h"
#include "sim/core/tiling/tiling.h"

namespace rebasis::sim {

namespace {

constexpr std::uint64_t inputs_base = std::uint64_t{1} << 36U;
constexpr std::uint64_t outputs_base = std::uint64_t{2} << 36U;
constexpr std::uint64_t partial_sums_base = std::uint64_t{3} << 36U;

std::uint64_t bytes(std::int64_t value) { return static_cast<std::uint64_t>(value); }

/// Number of a tile in each dimension.
struct Position {
  std::int64_t group = 0, filter = 0, channel = 0, space = 0;
  [[nodiscard]] auto inputs() const { return std::tuple(group, channel, space); }
  [[nodiscard]] auto weights() const { return std::tuple(group, filter, channel); }
  [[nodiscard]] auto outputs() const { return std::tuple(group, filter, space); }
};

class Builder {
 public:
  Builder(const TilingProblem& problem, const Tiling& tiling, const std::array<std::size_t, 2>& channel_of);
  StepPlan build();

 private:
  [[nodiscard]] std::vector<Position> positions() const;
  [[nodiscard]] ConvTile tile_of(const Position& position) const;
  [[nodiscard]] std::vector<Transfer> inputs(const ConvTile& tile) const;
  [[nodiscard]] std::vector<Transfer> outputs(const ConvTile& tile, std::uint64_t base, std::int64_t element) const;
  [[nodiscard]] std::vector<Transfer> weights(const Position& position, const ConvTile& tile) const;
  void place_weights();

  const TilingProblem& problem_;
  const LayerShape& shape_;
  const Tiling& tiling_;
  std::int64_t groups_, m_, c_, e_, f_;        ///< trip counts
  std::vector<std::uint64_t> weight_address_;  ///< by (group, filter, channel) tile
  StepPlan plan_;
};

Builder::Builder(const TilingProblem& problem, const Tiling& tiling, const std::array<std::size_t, 2>& channel_of)
    : problem_(problem),
      shape_(problem.shape),
      tiling_(tiling),
      groups_(ceil_div(shape_.groups, tiling.size.groups)),
      m_(ceil_div(shape_.filters_per_group(), tiling.size.filters)),
      c_(ceil_div(shape_.channels_per_group(), tiling.size.channels)),
      e_(ceil_div(shape_.E(), tiling.size.rows)),
      f_(ceil_div(shape_.F(), tiling.size.columns)) {
  const auto banks = [&](bool once) { return once ? std::size_t{1} : static_cast<std::size_t>(problem.banks); };
  plan_.buffers = {{banks(tiling.inputs_once), channel_of[input_buffer], {}},
                   {banks(tiling.weights_once), channel_of[weight_buffer], {}}};
  plan_.channels = 1 + *std::max_element(channel_of.begin(), channel_of.end());
  plan_.output_banks = banks(tiling.outputs_once);
  place_weights();
}

std::vector<Position> Builder::positions() const {
  std::vector<Position> list;
  const std::int64_t space = e_ * f_;
  for (std::int64_t g = 0; g < groups_; ++g) {
    const auto nest = [&](std::int64_t outer, std::int64_t middle, std::int64_t inner, auto&& at) {
      for (std::int64_t i = 0; i < outer; ++i) {
        for (std::int64_t j = 0; j < middle; ++j) {
          for (std::int64_t k = 0; k < inner; ++k) list.push_back(at(i, j, k));
        }
      }
    };
    using I = std::int64_t;
    switch (tiling_.order) {
      case LoopOrder::m_s_c:
        nest(m_, space, c_, [&](I m, I s, I c) { return Position{g, m, c, s}; });
        break;
      case LoopOrder::s_m_c:
        nest(space, m_, c_, [&](I s, I m, I c) { return Position{g, m, c, s}; });
        break;
      case LoopOrder::m_c_s:
        nest(m_, c_, space, [&](I m, I c, I s) { return Position{g, m, c, s}; });
        break;
      case LoopOrder::s_c_m:
        nest(space, c_, m_, [&](I s, I c, I m) { return Position{g, m, c, s}; });
        break;
    }
  }
  return list;
}

ConvTile Builder::tile_of(const Position& position) const {
  const auto range = [](std::int64_t tile, std::int64_t size, std::int64_t whole) {
    return Range{tile * size, std::min((tile + 1) * size, whole)};
  };
  const TileSize& size = tiling_.size;
  return {range(position.group, size.groups, shape_.groups),
          range(position.filter, size.filters, shape_.filters_per_group()),
          range(position.channel, size.channels, shape_.channels_per_group()),
          range(position.space / f_, size.rows, shape_.E()),
          range(position.space % f_, size.columns, shape_.F()),
          position.channel == 0,
          position.channel + 1 == c_};
}

void Builder::place_weights() {
  std::uint64_t address = 0;
  for (std::int64_t g = 0; g < groups_; ++g) {
    for (std::int64_t m = 0; m < m_; ++m) {
      for (std::int64_t c = 0; c < c_; ++c) {
        weight_address_.push_back(address);
        address += problem_.weights(tile_of({g, m, c, 0})).total();
      }
    }
  }
}

std::vector<Transfer> Builder::weights(const Position& position, const ConvTile& tile) const {
  const std::uint64_t address =
      weight_address_[static_cast<std::size_t>((position.group * m_ + position.filter) * c_ + position.channel)];
  const WeightBytes stored = problem_.weights(tile);
  std::vector<Transfer> transfers;
  if (stored.weights != 0) transfers.push_back({TensorClass::weights, address, stored.weights});
  if (stored.index != 0) transfers.push_back({TensorClass::index, address + stored.weights, stored.index});
  return transfers;
}

std::vector<Transfer> Builder::inputs(const ConvTile& tile) const {
  const std::int64_t first_channel = tile.groups.first * shape_.channels_per_group() + tile.channels.first;
  const std::int64_t depth = tile.groups.size() * tile.channels.size();
  const std::int64_t element = problem_.input_bytes;
  const std::uint64_t plane = inputs_base + bytes(first_channel * shape_.H * shape_.W * element);
  const std::vector<Range> columns = needed_columns(shape_, tile.columns);
  const bool whole_rows = columns.size() == 1 && columns.front().size() == shape_.W;
  std::vector<Transfer> transfers;
  for (const Range& rows : needed_rows(shape_, tile.rows)) {
    if (whole_rows) {
      transfers.push_back({TensorClass::inputs, plane + bytes(rows.first * shape_.W * depth * element),
                           bytes(rows.size() * shape_.W * depth * element)});
      continue;
    }
    for (std::int64_t h = rows.first; h < rows.last; ++h) {
      for (const Range& run : columns) {
        transfers.push_back({TensorClass::inputs, plane + bytes((h * shape_.W + run.first) * depth * element),
                             bytes(run.size() * depth * element)});
      }
    }
  }
  return transfers;
}

std::vector<Transfer> Builder::outputs(const ConvTile& tile, std::uint64_t base, std::int64_t element) const {
  const std::int64_t first_filter = tile.groups.first * shape_.filters_per_group() + tile.filters.first;
  const std::int64_t depth = tile.groups.size() * tile.filters.size();
  const std::uint64_t plane = base + bytes(first_filter * shape_.E() * shape_.F() * element);
  const std::int64_t width = tile.columns.size();
  const auto at = [&](std::int64_t e) {
    return plane + bytes((e * shape_.F() + tile.columns.first) * depth * element);
  };
  std::vector<Transfer> transfers;
  if (width == shape_.F())
    return {{TensorClass::outputs, at(tile.rows.first), bytes(tile.rows.size() * width * depth * element)}};
  for (std::int64_t e = tile.rows.first; e < tile.rows.last; ++e)
    transfers.push_back({TensorClass::outputs, at(e), bytes(width * depth * element)});
  return transfers;
}

StepPlan Builder::build() {
  const std::vector<Position> order = positions();
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Position& here = order[i];
    Step step;
    step.tile = tile_of(here);
    const bool first = i == 0, last = i + 1 == order.size();
    if (first || order[i - 1].inputs() != here.inputs()) step.loads.push_back({input_buffer, inputs(step.tile)});
    if (first || order[i - 1].weights() != here.weights())
      step.loads.push_back({weight_buffer, weights(here, step.tile)});
    step.begins_output = first || order[i - 1].outputs() != here.outputs();
    if (step.begins_output && !step.tile.first_chunk)
      step.partial_sums = outputs(step.tile, partial_sums_base, problem_.partial_sum_bytes);
    if (last || order[i + 1].outputs() != here.outputs()) {
      step.stores = step.tile.last_chunk ? outputs(step.tile, outputs_base, problem_.output_bytes)
                                         : outputs(step.tile, partial_sums_base, problem_.partial_sum_bytes);
    }
    plan_.steps.push_back(std::move(step));
  }
  return std::move(plan_);
}

}  // namespace

StepPlan tile_steps(const TilingProblem& problem, const Tiling& tiling, const std::array<std::size_t, 2>& channel_of) {
  return Builder(problem, tiling, channel_of).build();
}

}  // namespace rebasis::sim
