#include "sim/transposable/mapping.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "common/error.h"
#include "common/units.h"
#include "sim/transposable/cost.h"
#include "sim/transposable/counters.h"

namespace rebasis::sim::transposable {

namespace {

constexpr std::uint64_t stream_base = std::uint64_t{1} << 36U;
constexpr std::uint64_t result_base = std::uint64_t{2} << 36U;
constexpr std::uint64_t second_base = std::uint64_t{3} << 36U;

std::uint64_t bytes(std::int64_t value) { return static_cast<std::uint64_t>(value); }

enum Loop : std::size_t { filters, channels, space, loops };

/// Sizes of a tile.
struct Sizes {
  std::int64_t groups = 1, filters = 1, channels = 1, images = 1, rows = 1;
};

struct Choice {
  Sizes size;
  std::array<Loop, loops> order{};
  std::uint64_t traffic = 0;
  double time = 0;
};

/// What a tensor of the pass is indexed by, besides groups.
struct Tensors {
  std::vector<Loop> stream, second, result;
  Loop reduction;
};

Tensors tensors_of(Pass pass) {
  if (pass == Pass::forward) return {{channels, space}, {filters, channels}, {filters, space}, channels};
  if (pass == Pass::backward_data) return {{filters, space}, {filters, channels}, {channels, space}, filters};
  return {{channels, space}, {filters, space}, {filters, channels}, space};
}

class Mapper {
 public:
  Mapper(const Job& job, const arch::TransposableSpec& spec, const MemorySpeed& memory)
      : job_(job), spec_(spec), memory_(memory), shape_(job.shape()), tensors_(tensors_of(job.pass)) {}
  Mapping map();

 private:
  struct Position {
    std::int64_t group = 0;
    std::array<std::int64_t, loops> at{};
  };
  [[nodiscard]] Choice best() const;
  void consider(const Sizes& size, std::optional<Choice>& best) const;
  [[nodiscard]] std::array<std::int64_t, loops> trips(const Sizes& size) const;
  [[nodiscard]] std::int64_t group_trips(const Sizes& size) const { return ceil_div(shape_.groups, size.groups); }
  [[nodiscard]] Tile tile_at(const Sizes& size, const Position& position) const;
  [[nodiscard]] bool fits(const Sizes& size, const std::array<Loop, loops>& order) const;
  /// Loads of a tensor's tiles in one turn of the loops inside a group.
  [[nodiscard]] std::int64_t loads(const std::vector<Loop>& tensor, const std::array<Loop, loops>& order,
                                   const std::array<std::int64_t, loops>& count) const;
  [[nodiscard]] std::int64_t stream_tile(const Tile& tile) const;
  [[nodiscard]] std::int64_t second_tile(const Tile& tile) const;
  [[nodiscard]] std::int64_t result_elements(const Tile& tile) const;
  [[nodiscard]] std::vector<Transfer> map_transfers(const Tile& tile, bool of_channels, Range rows, std::int64_t height,
                                                    std::int64_t width, std::uint64_t base, TensorClass tensor) const;
  [[nodiscard]] std::vector<Transfer> stream_transfers(const Tile& tile) const;
  [[nodiscard]] std::vector<Transfer> second_transfers(const Position& position, const Choice& choice,
                                                       const Tile& tile) const;
  [[nodiscard]] std::vector<Transfer> result_transfers(const Tile& tile) const;
  [[nodiscard]] std::vector<Position> positions(const Choice& choice) const;
  void place_weights(const Choice& choice);
  [[nodiscard]] DramBytes compulsory() const;
  [[nodiscard]] bool streams_inputs() const { return job_.pass != Pass::backward_weight || job_.weight_gradient; }

  const Job& job_;
  const arch::TransposableSpec& spec_;
  const MemorySpeed& memory_;
  const LayerShape& shape_;
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

std::int64_t Mapper::stream_tile(const Tile& tile) const {
  if (!streams_inputs()) return 0;
  const std::int64_t depth =
      tile.conv.groups.size() * (job_.transposed() ? tile.conv.filters : tile.conv.channels).size();
  const std::int64_t width = job_.transposed() ? shape_.F() : shape_.W;
  return depth * tile.images.size() * streamed_rows(job_, tile.conv.rows).size() * width * spec_.element_bytes();
}

std::int64_t Mapper::second_tile(const Tile& tile) const {
  if (job_.pass != Pass::backward_weight) return buffered_weights(job_, spec_, tile.conv);
  return tile.conv.groups.size() * tile.conv.filters.size() * tile.images.size() * tile.conv.rows.size() * shape_.F() *
         spec_.element_bytes();
}

std::int64_t Mapper::result_elements(const Tile& tile) const {
  const ConvTile& conv = tile.conv;
  const std::int64_t map = tile.images.size() * conv.rows.size();
  if (job_.pass == Pass::forward) return conv.groups.size() * conv.filters.size() * map * shape_.F();
  if (job_.pass == Pass::backward_data) return conv.groups.size() * conv.channels.size() * map * shape_.W;
  const std::int64_t weights = job_.weight_gradient ? conv.channels.size() * shape_.R * shape_.S : 0;
  const std::int64_t biases = job_.bias_gradient && conv.channels.first == 0 ? 1 : 0;
  return conv.groups.size() * conv.filters.size() * (weights + biases);
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
    stream = std::max(stream, stream_tile(tile));
    second = std::max(second, second_tile(tile));
    result = std::max(result, result_elements(tile) * spec_.sum_bytes());
  }
  const auto banks = [&](const std::vector<Loop>& tensor) {
    return one_group && loads(tensor, order, count) == 1 ? 1 : 2;
  };
  return stream * banks(tensors_.stream) <= spec_.input_bytes &&
         second * banks(tensors_.second) <= spec_.weight_bytes && result * banks(tensors_.result) <= spec_.output_bytes;
}

/// Powers of two times `granule` below the whole, and the whole.
std::vector<std::int64_t> sizes_of(std::int64_t whole, std::int64_t granule) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t size = granule; size < whole; size *= 2) sizes.push_back(size);
  sizes.push_back(whole);
  return sizes;
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
  // Sums over all tiles of each tensor, from averages: exact but for halos and partly filled tiles.
  const std::int64_t row_tiles = ceil_div(job_.map_rows(), size.rows);
  double halo = 0;
  for (std::int64_t row = 0; row < row_tiles; ++row)
    halo += static_cast<double>(streamed_rows(job_, tile_at(size, {0, {0, 0, row}}).conv.rows).size());
  const double depth = static_cast<double>(job_.transposed() ? shape_.M : shape_.C);
  const double width = static_cast<double>(job_.transposed() ? shape_.F() : shape_.W);
  const double element = static_cast<double>(spec_.element_bytes()), images = static_cast<double>(job_.images);
  const double stream = streams_inputs() ? depth * width * halo * images * element : 0;
  Tile whole;
  whole.conv.groups = {0, shape_.groups};
  whole.conv.filters = {0, shape_.filters_per_group()};
  whole.conv.channels = {0, shape_.channels_per_group()};
  whole.images = {0, job_.images};
  whole.conv.rows = {0, job_.map_rows()};
  const StoredWeights stored = stored_weights(job_, spec_, whole.conv);
  const double second = job_.pass == Pass::backward_weight
                            ? static_cast<double>(second_tile(whole))
                            : static_cast<double>(stored.weights + stored.basis + stored.index);
  const double result = static_cast<double>(result_elements(whole)) * element;
  double blocks = 0, cycles = 0;
  for_each_block(job_, spec_, first, [&](const Block& block) {
    const auto exchange = static_cast<double>(exchange_cycles(job_, spec_, block));
    cycles += std::max(static_cast<double>(block.positions), exchange) + (blocks == 0 ? exchange : 0);
    ++blocks;
  });
  for (const auto& [a, b] : {std::pair{outer[0], outer[1]}, std::pair{outer[1], outer[0]}}) {
    const std::array<Loop, loops> order{a, b, tensors_.reduction};
    if (!fits(size, order)) continue;
    const auto times = [&](const std::vector<Loop>& tensor) {
      std::int64_t own = 1;
      for (const Loop loop : tensor) own *= count[loop];
      return static_cast<double>(loads(tensor, order, count)) / static_cast<double>(own);
    };
    Choice choice{size, order, 0, 0};
    const double moved = stream * times(tensors_.stream) + second * times(tensors_.second) + result;
    choice.traffic = static_cast<std::uint64_t>(std::llround(moved));
    const double bandwidth = std::isfinite(memory_.bytes_per_cycle) ? memory_.bytes_per_cycle : 1e9;
    const double fill = static_cast<double>(stream_tile(first) + second_tile(first)) +
                        static_cast<double>(result_elements(first)) * element;
    choice.time = std::max(cycles * static_cast<double>(groups * tiles), moved / bandwidth) + fill / bandwidth;
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
      const bool all_channels = g > 1 || !streams_inputs();
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
    for (std::int64_t channel = std::min(spec_.columns, c); channel > 0 && streams_inputs(); channel /= 2)
      consider({1, filter, channel, 1, 1}, best);
  }
  if (best) return *best;
  const Tile least = tile_at({1, 1, 1, 1, 1}, {});
  fail_infeasible("layer " + job_.layer->info.name + ", " + training::name(job_.pass) + ": a tile of one row needs " +
                  std::to_string(stream_tile(least)) + " B of input_gb, " + std::to_string(second_tile(least)) +
                  " B of weight_buffer and " + std::to_string(result_elements(least) * spec_.sum_bytes()) +
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
  std::uint64_t address = second_base;
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

/// A map in planes of the tile's channels, [image][row][column][channel of the tile].
std::vector<Transfer> Mapper::map_transfers(const Tile& tile, bool of_channels, Range rows, std::int64_t height,
                                            std::int64_t width, std::uint64_t base, TensorClass tensor) const {
  if (rows.size() == 0) return {};
  const ConvTile& conv = tile.conv;
  const std::int64_t per_group = of_channels ? shape_.channels_per_group() : shape_.filters_per_group();
  const Range& part = of_channels ? conv.channels : conv.filters;
  const std::int64_t first = conv.groups.first * per_group + part.first, depth = conv.groups.size() * part.size();
  const std::int64_t element = spec_.element_bytes();
  const std::uint64_t plane = base + bytes(first * job_.images * height * width * element);
  const auto run = [&](std::int64_t image, std::int64_t row, std::int64_t count) {
    return Transfer{tensor, plane + bytes((image * height + row) * width * depth * element),
                    bytes(count * width * depth * element)};
  };
  if (rows.size() == height) return {run(tile.images.first, 0, tile.images.size() * height)};
  std::vector<Transfer> transfers;
  for (std::int64_t image = tile.images.first; image < tile.images.last; ++image)
    transfers.push_back(run(image, rows.first, rows.size()));
  return transfers;
}

std::vector<Transfer> Mapper::stream_transfers(const Tile& tile) const {
  if (!streams_inputs()) return {};
  const Range rows = streamed_rows(job_, tile.conv.rows);
  return job_.transposed() ? map_transfers(tile, false, rows, shape_.E(), shape_.F(), stream_base, TensorClass::inputs)
                           : map_transfers(tile, true, rows, shape_.H, shape_.W, stream_base, TensorClass::inputs);
}

std::vector<Transfer> Mapper::second_transfers(const Position& position, const Choice& choice, const Tile& tile) const {
  if (job_.pass == Pass::backward_weight)
    return map_transfers(tile, false, tile.conv.rows, shape_.E(), shape_.F(), second_base, TensorClass::inputs);
  const auto count = trips(choice.size);
  std::uint64_t address = weight_address_[static_cast<std::size_t>(
      (position.group * count[filters] + position.at[filters]) * count[channels] + position.at[channels])];
  const StoredWeights stored = stored_weights(job_, spec_, tile.conv);
  std::vector<Transfer> transfers;
  for (const auto& [tensor, size] :
       {std::pair{TensorClass::weights, stored.weights}, std::pair{TensorClass::basis, stored.basis},
        std::pair{TensorClass::index, stored.index}}) {
    if (size != 0) transfers.push_back({tensor, address, size});
    address += size;
  }
  return transfers;
}

std::vector<Transfer> Mapper::result_transfers(const Tile& tile) const {
  if (job_.pass == Pass::forward)
    return map_transfers(tile, false, tile.conv.rows, shape_.E(), shape_.F(), result_base, TensorClass::outputs);
  if (job_.pass == Pass::backward_data)
    return map_transfers(tile, true, tile.conv.rows, shape_.H, shape_.W, result_base, TensorClass::outputs);
  const std::int64_t first = all_filters(shape_, tile.conv).first;
  const std::int64_t filter = shape_.channels_per_group() * shape_.R * shape_.S + 1;
  const std::int64_t offset =
      first * filter + tile.conv.filters.size() * tile.conv.channels.first * shape_.R * shape_.S;
  const std::int64_t elements = result_elements(tile);
  if (elements == 0) return {};
  return {{TensorClass::outputs, result_base + bytes(offset * spec_.element_bytes()),
           bytes(elements * spec_.element_bytes())}};
}

DramBytes Mapper::compulsory() const {
  Tile whole;
  whole.conv.groups = {0, shape_.groups};
  whole.conv.filters = {0, shape_.filters_per_group()};
  whole.conv.channels = {0, shape_.channels_per_group()};
  whole.conv.rows = {0, job_.map_rows()};
  whole.images = {0, job_.images};
  DramBytes least;
  // Rows and columns that no kernel position touches need not move; whole rows do.
  std::int64_t touched = 0;
  for (std::int64_t row = 0; row < job_.map_rows(); ++row)
    touched += streamed_rows(job_, {row, row + 1}).size() > 0 ? 1 : 0;
  least.outputs = bytes(result_elements(whole) * spec_.element_bytes());
  if (touched > 0 && job_.pass == Pass::forward && shape_.stride_h == 1 && shape_.dilation_h == 1)
    least.inputs = bytes(stream_tile(whole));
  if (job_.pass == Pass::backward_weight) {
    least.inputs = bytes(second_tile(whole));
    return least;
  }
  const StoredWeights stored = stored_weights(job_, spec_, whole.conv);
  least.weights = stored.weights;
  least.basis = stored.basis;
  least.index = stored.index;
  return least;
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
      step.loads.push_back({stream_buffer, stream_transfers(tile)});
      ++stream_loads;
    }
    mapping.loads_second.push_back(first || !same(order[i - 1], here, tensors_.second));
    if (mapping.loads_second.back()) {
      step.loads.push_back({second_buffer, second_transfers(here, choice, tile)});
      ++second_loads;
    }
    step.begins_output = first || !same(order[i - 1], here, tensors_.result);
    result_tiles += step.begins_output ? 1 : 0;
    if (last || !same(order[i + 1], here, tensors_.result)) step.stores = result_transfers(tile);
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
  static const char* const names[] = {"filters", "channels", "space"};
  const auto text = [](std::int64_t value) { return std::to_string(value); };
  mapping.description = {{"loop_order", std::string(names[choice.order[0]]) + ", " + names[choice.order[1]] + ", " +
                                            names[choice.order[2]]},
                         {"tile_groups", text(choice.size.groups)},
                         {"tile_filters", text(choice.size.filters)},
                         {"tile_channels", text(choice.size.channels)},
                         {"tile_images", text(choice.size.images)},
                         {"tile_rows", text(choice.size.rows)},
                         {"steps", text(static_cast<std::int64_t>(order.size()))}};
  mapping.compulsory = compulsory();
  return mapping;
}

}  // namespace

Mapping map_job(const Job& job, const arch::TransposableSpec& spec, const MemorySpeed& memory) {
  return Mapper(job, spec, memory).map();
}

}  // namespace rebasis::sim::transposable
