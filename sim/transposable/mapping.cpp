#include "sim/transposable/mapping.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "common/error.h"
#include "common/units.h"
#include "sim/transposable/cost.h"
#include "sim/transposable/counters.h"
#include "sim/transposable/extents.h"
#include "sim/transposable/tile_choice.h"

namespace rebasis::sim::transposable {

namespace {

class Mapper {
 public:
  Mapper(const Job& job, const arch::TransposableSpec& spec, const MemorySpeed& memory)
      : job_(job),
        spec_(spec),
        memory_(memory),
        shape_(job.shape()),
        extents_(job, spec),
        tensors_(tensors_of(job.pass)) {}
  Mapping map();

 private:
  struct Position {
    std::int64_t group = 0;
    std::array<std::int64_t, loops> at{};
  };
  [[nodiscard]] Choice best() const;
  /// Both orders of the outer loops.
  void consider(const Sizes& size, std::optional<Choice>& best) const;
  [[nodiscard]] double tile_cycles(const Tile& tile) const;
  [[nodiscard]] std::array<std::int64_t, loops> trips(const Sizes& size) const;
  [[nodiscard]] std::int64_t group_trips(const Sizes& size) const { return ceil_div(shape_.groups, size.groups); }
  [[nodiscard]] Tile tile_at(const Sizes& size, const Position& position) const;
  [[nodiscard]] bool fits(const Sizes& size, const std::array<Loop, loops>& order) const;
  /// Loads of a tensor's tiles in one turn of the loops inside a group.
  [[nodiscard]] std::int64_t loads(const std::vector<Loop>& tensor, const std::array<Loop, loops>& order,
                                   const std::array<std::int64_t, loops>& count) const;
  [[nodiscard]] std::vector<Position> positions(const Choice& choice) const;
  void place_weights(const Choice& choice);
  [[nodiscard]] std::uint64_t weight_address(const Choice& choice, const Position& position) const;

  const Job& job_;
  const arch::TransposableSpec& spec_;
  const MemorySpeed& memory_;
  const LayerShape& shape_;
  Extents extents_;
  Tensors tensors_;
  std::vector<std::uint64_t> weight_address_;  ///< by (group, filter, channel) tile
};

std::array<std::int64_t, loops> Mapper::trips(const Sizes& size) const {
  return {ceil_div(shape_.filters_per_group(), size.filters), ceil_div(shape_.channels_per_group(), size.channels),
          ceil_div(job_.images, size.images) * ceil_div(job_.map_rows(), size.rows)};
}

Tile Mapper::tile_at(const Sizes& size, const Position& position) const {
  const auto range = [](std::int64_t tile, std::int64_t width, std::int64_t whole) {
    return Range{tile * width, std::min((tile + 1) * width, whole)};
  };
  const std::int64_t row_tiles = ceil_div(job_.map_rows(), size.rows);
  Tile tile;
  tile.conv.groups = range(position.group, size.groups, shape_.groups);
  tile.conv.filters = range(position.at[filters], size.filters, shape_.filters_per_group());
  tile.conv.channels = range(position.at[channels], size.channels, shape_.channels_per_group());
  tile.conv.rows = range(position.at[space] % row_tiles, size.rows, job_.map_rows());
  tile.conv.columns = {0, job_.transposed() ? shape_.W : shape_.F()};
  tile.images = range(position.at[space] / row_tiles, size.images, job_.images);
  const std::int64_t step = position.at[tensors_.reduction];
  tile.conv.first_chunk = step == 0;
  tile.conv.last_chunk = step + 1 == trips(size)[tensors_.reduction];
  return tile;
}

std::int64_t Mapper::loads(const std::vector<Loop>& tensor, const std::array<Loop, loops>& order,
                           const std::array<std::int64_t, loops>& count) const {
  std::int64_t turns = 1, loaded = 1;
  for (const Loop loop : order) {
    turns *= count[loop];
    if (count[loop] > 1 && std::find(tensor.begin(), tensor.end(), loop) != tensor.end()) loaded = turns;
  }
  return loaded;
}

bool Mapper::fits(const Sizes& size, const std::array<Loop, loops>& order) const {
  const auto count = trips(size);
  const bool one_group = group_trips(size) == 1;
  // The first tile is the largest but for rows of the map, which padding may cut at the top.
  std::int64_t stream = 0, second = 0, result = 0;
  const std::int64_t row_tiles = ceil_div(job_.map_rows(), size.rows);
  for (std::int64_t row = 0; row < std::min<std::int64_t>(row_tiles, 3); ++row) {
    const Tile tile = tile_at(size, {0, {0, 0, row}});
    stream = std::max(stream, extents_.stream_tile(tile));
    second = std::max(second, extents_.second_tile(tile));
    result = std::max(result, extents_.result_elements(tile) * spec_.sum_bytes());
  }
  const auto banks = [&](const std::vector<Loop>& tensor) {
    return one_group && loads(tensor, order, count) == 1 ? 1 : 2;
  };
  return stream * banks(tensors_.stream) <= spec_.input_bytes &&
         second * banks(tensors_.second) <= spec_.weight_bytes && result * banks(tensors_.result) <= spec_.output_bytes;
}

double Mapper::tile_cycles(const Tile& tile) const {
  double cycles = 0;
  for_each_block(job_, spec_, tile, [&](const Block& block) {
    const auto exchange = static_cast<double>(exchange_cycles(job_, spec_, block));
    cycles += std::max(static_cast<double>(block.positions), exchange) + (cycles == 0 ? exchange : 0);
  });
  return cycles;
}

void Mapper::consider(const Sizes& size, std::optional<Choice>& best) const {
  std::array<Loop, 2> outer{};
  std::size_t used = 0;
  for (const Loop loop : {filters, channels, space}) {
    if (loop != tensors_.reduction) outer[used++] = loop;
  }
  if (!fits(size, {outer[0], outer[1], tensors_.reduction}) && !fits(size, {outer[1], outer[0], tensors_.reduction}))
    return;
  const auto count = trips(size);
  const std::int64_t groups = group_trips(size), tiles = count[filters] * count[channels] * count[space];
  const Tile first = tile_at(size, {});
  const Extents::Traffic once = extents_.traffic(size.rows);
  const double cycles = tile_cycles(first) * static_cast<double>(groups * tiles);
  for (const auto& [a, b] : {std::pair{outer[0], outer[1]}, std::pair{outer[1], outer[0]}}) {
    const std::array<Loop, loops> order{a, b, tensors_.reduction};
    if (!fits(size, order)) continue;
    const auto times = [&](const std::vector<Loop>& tensor) {
      std::int64_t own = 1;
      for (const Loop loop : tensor) own *= count[loop];
      return static_cast<double>(loads(tensor, order, count)) / static_cast<double>(own);
    };
    Choice choice{size, order, 0, 0};
    const double moved = once.stream * times(tensors_.stream) + once.second * times(tensors_.second) + once.result;
    choice.traffic = static_cast<std::uint64_t>(std::llround(moved));
    const double bandwidth = std::isfinite(memory_.bytes_per_cycle) ? memory_.bytes_per_cycle : 1e9;
    const double fill = static_cast<double>(extents_.stream_tile(first) + extents_.second_tile(first)) +
                        static_cast<double>(extents_.result_elements(first) * spec_.element_bytes());
    choice.time = std::max(cycles, moved / bandwidth) + fill / bandwidth;
    const bool by_traffic = spec_.objective != "latency";
    const auto key = [&](const Choice& one) {
      return by_traffic ? std::pair(static_cast<double>(one.traffic), one.time)
                        : std::pair(one.time, static_cast<double>(one.traffic));
    };
    if (!best || key(choice) < key(*best)) best = choice;
  }
}

Choice Mapper::best() const {
  std::optional<Choice> best;
  const std::int64_t together = groups_at_once(job_, spec_);
  const auto limited = [](std::int64_t granule, std::int64_t whole) { return std::min(granule, whole); };
  const std::int64_t f = shape_.filters_per_group(), c = shape_.channels_per_group();
  for (const std::int64_t g : sizes_of(shape_.groups, together)) {
    for (const std::int64_t filter : g > 1 ? std::vector{f} : sizes_of(f, limited(spec_.rows, f))) {
      const bool all_channels = g > 1 || !extents_.streams_inputs();
      for (const std::int64_t channel : all_channels ? std::vector{c} : sizes_of(c, limited(spec_.columns, c))) {
        for (const std::int64_t rows : sizes_of(job_.map_rows(), 1)) {
          for (const std::int64_t images :
               rows == job_.map_rows() ? sizes_of(job_.images, 1) : std::vector<std::int64_t>{1})
            consider({g, filter, channel, images, rows}, best);
        }
      }
    }
  }
  // Kernels so large that the sums of a full array do not fit.
  for (std::int64_t filter = std::min(spec_.rows, f); !best && filter > 0; filter /= 2) {
    for (std::int64_t channel = std::min(spec_.columns, c); channel > 0 && extents_.streams_inputs(); channel /= 2)
      consider({1, filter, channel, 1, 1}, best);
  }
  if (best) return *best;
  const Tile least = tile_at({1, 1, 1, 1, 1}, {});
  fail_infeasible("layer " + job_.layer->info.name + ", " + training::name(job_.pass) + ": a tile of one row needs " +
                  std::to_string(extents_.stream_tile(least)) + " B of input_gb, " +
                  std::to_string(extents_.second_tile(least)) + " B of weight_buffer and " +
                  std::to_string(extents_.result_elements(least) * spec_.sum_bytes()) +
                  " B of output_gb, twice where there are more tiles; they have " + std::to_string(spec_.input_bytes) +
                  ", " + std::to_string(spec_.weight_bytes) + " and " + std::to_string(spec_.output_bytes));
}

std::vector<Mapper::Position> Mapper::positions(const Choice& choice) const {
  std::vector<Position> list;
  const auto count = trips(choice.size);
  for (std::int64_t g = 0; g < group_trips(choice.size); ++g) {
    Position at{g, {}};
    for (at.at[choice.order[0]] = 0; at.at[choice.order[0]] < count[choice.order[0]]; ++at.at[choice.order[0]]) {
      for (at.at[choice.order[1]] = 0; at.at[choice.order[1]] < count[choice.order[1]]; ++at.at[choice.order[1]]) {
        for (at.at[choice.order[2]] = 0; at.at[choice.order[2]] < count[choice.order[2]]; ++at.at[choice.order[2]])
          list.push_back(at);
      }
    }
  }
  return list;
}

void Mapper::place_weights(const Choice& choice) {
  std::uint64_t address = weights_base;
  const auto count = trips(choice.size);
  for (std::int64_t g = 0; g < group_trips(choice.size); ++g) {
    for (std::int64_t f = 0; f < count[filters]; ++f) {
      for (std::int64_t c = 0; c < count[channels]; ++c) {
        weight_address_.push_back(address);
        const StoredWeights stored = stored_weights(job_, spec_, tile_at(choice.size, {g, {f, c, 0}}).conv);
        address += stored.weights + stored.basis + stored.index;
      }
    }
  }
}

std::uint64_t Mapper::weight_address(const Choice& choice, const Position& position) const {
  if (weight_address_.empty()) return 0;
  const auto count = trips(choice.size);
  return weight_address_[static_cast<std::size_t>(
      (position.group * count[filters] + position.at[filters]) * count[channels] + position.at[channels])];
}

Mapping Mapper::map() {
  const Choice choice = best();
  if (job_.pass != Pass::backward_weight) place_weights(choice);
  Mapping mapping;
  const auto same = [](const Position& a, const Position& b, const std::vector<Loop>& tensor) {
    return a.group == b.group && std::all_of(tensor.begin(), tensor.end(), [&](Loop l) { return a.at[l] == b.at[l]; });
  };
  const std::vector<Position> order = positions(choice);
  std::size_t stream_loads = 0, second_loads = 0, result_tiles = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Position& here = order[i];
    const bool first = i == 0, last = i + 1 == order.size();
    const Tile tile = tile_at(choice.size, here);
    Step step;
    step.tile = tile.conv;
    if (first || !same(order[i - 1], here, tensors_.stream)) {
      step.loads.push_back({stream_buffer, extents_.stream_transfers(tile)});
      ++stream_loads;
    }
    mapping.loads_second.push_back(first || !same(order[i - 1], here, tensors_.second));
    if (mapping.loads_second.back()) {
      step.loads.push_back({second_buffer, extents_.second_transfers(tile, weight_address(choice, here))});
      ++second_loads;
    }
    step.begins_output = first || !same(order[i - 1], here, tensors_.result);
    result_tiles += step.begins_output ? 1 : 0;
    if (last || !same(order[i + 1], here, tensors_.result)) step.stores = extents_.result_transfers(tile);
    mapping.steps.steps.push_back(std::move(step));
    mapping.tiles.push_back(tile);
  }
  const auto banks = [](std::size_t count) { return count == 1 ? std::size_t{1} : std::size_t{2}; };
  const bool gradient = job_.pass == Pass::backward_weight;
  mapping.steps.buffers = {{banks(stream_loads), 1, input_write}, {banks(second_loads), 2, {}}};
  if (gradient) mapping.steps.buffers[second_buffer].write_action = weight_write;
  mapping.steps.channels = 3;
  mapping.steps.output_banks = banks(result_tiles);
  mapping.steps.result_slots = static_cast<std::size_t>(spec_.stages + 2);
  mapping.description = describe(choice, order.size());
  mapping.compulsory = extents_.compulsory();
  return mapping;
}

}  // namespace

Mapping map_job(const Job& job, const arch::TransposableSpec& spec, const MemorySpeed& memory) {
  return Mapper(job, spec, memory).map();
}

}  // namespace rebasis::sim::transposable
