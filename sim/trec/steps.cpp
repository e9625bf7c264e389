#include <tuple>

#include "sim/core/tiling/tiling.h"
#include "sim/trec/mapping.h"

namespace rebasis::sim::trec {

namespace {

/// Elements of a row of the im2row matrix.
Range elements_of(const ReuseLayer& layer, const Range& columns) {
  return {layer.first_of(columns.first), std::min(columns.last * layer.hash.length, layer.depth())};
}

/// Walks the tiles and says where they lie in DRAM: maps in planes [C][H][W], weights tile after tile.
class StepBuilder {
 public:
  StepBuilder(const ReuseLayer& layer, const arch::TrecSpec& spec, const Mapping& mapping)
      : layer_(layer), shape_(layer.shape()), spec_(spec), map_(mapping) {}

  ReuseSteps build() {
    const std::int64_t rows = ceil_div(shape_.E(), map_.rows);
    const std::int64_t filters = ceil_div(shape_.filters_per_group(), map_.filters);
    for (std::int64_t g = 0; g < shape_.groups; ++g) {
      for (std::int64_t i = 0; i < rows * filters; ++i) {
        if (map_.filters_outside)
          add_output_tile(g, i % rows, i / rows);
        else
          add_output_tile(g, i / filters, i % filters);
      }
    }
    StepPlan& plan = steps_.plan;
    const auto banks = [](std::size_t tiles) { return tiles > 1 ? std::size_t{2} : std::size_t{1}; };
    const std::size_t weight_tiles = static_cast<std::size_t>(shape_.groups * filters) * chunks();
    const std::size_t input_tiles = static_cast<std::size_t>(shape_.groups * rows) * chunks();
    plan.buffers = {
        {banks(input_tiles), 1, {}}, {banks(weight_tiles), 2, {}}, {1, 2, {}}};  // the plan names their actions
    plan.channels = 3;
    plan.output_banks = banks(static_cast<std::size_t>(shape_.groups * rows * filters));
    plan.result_slots = 2;  // a step ends with its last result
    return std::move(steps_);
  }

 private:
  static constexpr std::uint64_t inputs_base = std::uint64_t{1} << 36U, outputs_base = std::uint64_t{2} << 36U,
                                 hash_base = std::uint64_t{3} << 36U;
  using Place = std::tuple<std::int64_t, std::int64_t, std::int64_t>;

  [[nodiscard]] std::size_t chunks() const {
    return static_cast<std::size_t>(ceil_div(layer_.columns(), map_.columns));
  }
  void add_output_tile(std::int64_t group, std::int64_t row_tile, std::int64_t filter_tile);
  void add_loads(Step& step, const Place& inputs, const Place& weights, const Range& columns);
  [[nodiscard]] std::vector<Transfer> inputs(const ConvTile& tile) const;
  [[nodiscard]] std::vector<Transfer> outputs(const ConvTile& tile) const;

  const ReuseLayer& layer_;
  const LayerShape& shape_;
  const arch::TrecSpec& spec_;
  const Mapping& map_;
  ReuseSteps steps_;
  Place inputs_{-1, 0, 0}, weights_{-1, 0, 0};  ///< in the buffers
  std::map<Place, std::uint64_t> weight_address_;
  std::uint64_t weights_end_ = 0;
};

void StepBuilder::add_output_tile(std::int64_t group, std::int64_t row_tile, std::int64_t filter_tile) {
  const std::int64_t kernel = shape_.R * shape_.S;
  for (std::int64_t first = 0, chunk = 0; first < layer_.columns(); first += map_.columns, ++chunk) {
    const Range columns{first, std::min(first + map_.columns, layer_.columns())};
    const std::int64_t end = std::min(columns.last * layer_.hash.length, layer_.depth());
    Step step;
    step.tile = {{group, group + 1},
                 {filter_tile * map_.filters, std::min((filter_tile + 1) * map_.filters, shape_.filters_per_group())},
                 {layer_.first_of(first) / kernel, ceil_div(end, kernel)},
                 {row_tile * map_.rows, std::min((row_tile + 1) * map_.rows, shape_.E())},
                 {0, shape_.F()},
                 first == 0,
                 columns.last == layer_.columns()};
    step.begins_output = step.tile.first_chunk;
    add_loads(step, {group, row_tile, chunk}, {group, filter_tile, chunk}, columns);
    if (step.tile.last_chunk) step.stores = outputs(step.tile);
    steps_.plan.steps.push_back(std::move(step));
    steps_.columns.push_back(columns);
  }
}

void StepBuilder::add_loads(Step& step, const Place& input_place, const Place& weight_place, const Range& columns) {
  if (inputs_ != input_place) step.loads.push_back({input_buffer, inputs(step.tile)});
  if (weights_ != weight_place) {
    const auto weights = static_cast<std::uint64_t>(step.tile.filters.size() * elements_of(layer_, columns).size());
    const std::uint64_t bytes = weights + bias_bytes(layer_, step.tile);
    const auto [place, fresh] = weight_address_.emplace(weight_place, weights_end_);
    if (fresh) weights_end_ += bytes;
    step.loads.push_back({weight_buffer, {{TensorClass::weights, place->second, bytes}}});
  }
  if (steps_.plan.steps.empty()) {
    const auto bytes = static_cast<std::uint64_t>(layer_.hash.hashes * layer_.hash.length);
    step.loads.push_back({hash_buffer, {{TensorClass::index, hash_base, bytes}}});
  }
  inputs_ = input_place;
  weights_ = weight_place;
}

std::vector<Transfer> StepBuilder::inputs(const ConvTile& tile) const {
  const std::int64_t first_channel = tile.groups.first * shape_.channels_per_group();
  std::vector<Transfer> transfers;
  const std::vector<Range> rows = needed_rows(shape_, tile.rows);
  const auto add = [&](std::int64_t at, std::int64_t bytes) {
    transfers.push_back(
        {TensorClass::inputs, inputs_base + static_cast<std::uint64_t>(at), static_cast<std::uint64_t>(bytes)});
  };
  const std::int64_t plane = shape_.H * shape_.W;
  if (rows.size() == 1 && rows.front().size() == shape_.H) {
    add((first_channel + tile.channels.first) * plane, tile.channels.size() * plane);
    return transfers;
  }
  for (std::int64_t c = tile.channels.first; c < tile.channels.last; ++c) {
    for (const Range& run : rows) add((first_channel + c) * plane + run.first * shape_.W, run.size() * shape_.W);
  }
  return transfers;
}

std::vector<Transfer> StepBuilder::outputs(const ConvTile& tile) const {
  const std::int64_t first_filter = tile.groups.first * shape_.filters_per_group() + tile.filters.first;
  const std::int64_t plane = shape_.E() * shape_.F(), count = tile.filters.size();
  const auto transfer = [&](std::int64_t at, std::int64_t size) {
    return Transfer{TensorClass::outputs, outputs_base + static_cast<std::uint64_t>(at * spec_.element_bytes()),
                    static_cast<std::uint64_t>(size * spec_.element_bytes())};
  };
  if (tile.rows.size() == shape_.E()) return {transfer(first_filter * plane, count * plane)};
  std::vector<Transfer> transfers;
  for (std::int64_t m = first_filter; m < first_filter + count; ++m)
    transfers.push_back(transfer(m * plane + tile.rows.first * shape_.F(), tile.rows.size() * shape_.F()));
  return transfers;
}

}  // namespace

std::uint64_t bias_bytes(const ReuseLayer& layer, const ConvTile& tile) {
  return layer.dense.has_bias && tile.first_chunk ? static_cast<std::uint64_t>(tile.filters.size() * bias_size) : 0;
}

void weight_order(const ReuseLayer& layer, const ConvTile& tile, const Range& columns,
                  std::vector<std::int32_t>& order) {
  const Range elements = elements_of(layer, columns);
  const std::int64_t first = tile.groups.first * layer.shape().filters_per_group();
  for (std::int64_t m = first + tile.filters.first; m < first + tile.filters.last; ++m) {
    for (std::int64_t d = elements.first; d < elements.last; ++d)
      order.push_back(static_cast<std::int32_t>(m * layer.depth() + d));
  }
}

ReuseSteps reuse_steps(const ReuseLayer& layer, const arch::TrecSpec& spec, const Mapping& mapping) {
  return StepBuilder(layer, spec, mapping).build();
}

}  // namespace rebasis::sim::trec
