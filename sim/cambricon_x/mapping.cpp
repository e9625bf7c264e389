#include "sim/cambricon_x/mapping.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "common/error.h"
#include "common/units.h"
#include "sim/cambricon_x/counters.h"
#include "sim/core/tiling/index_buffer.h"

namespace rebasis::sim::cambricon_x {

namespace {

constexpr std::int64_t banks = 2;  // double buffering

/// Largest demands of the weight tiles of a size.
struct Demand {
  std::int64_t sb = 0, index = 0, tiles = 0;
};

Demand demand_of(const SparseLayer& layer, const TileSize& size) {
  const LayerShape& shape = layer.shape();
  const std::int64_t filters = shape.filters_per_group(), channels = shape.channels_per_group();
  Demand demand;
  for (std::int64_t g = 0; g < shape.groups; g += size.groups) {
    for (std::int64_t m = 0; m < filters; m += size.filters) {
      for (std::int64_t c = 0; c < channels; c += size.channels) {
        ConvTile tile;
        tile.groups = {g, std::min(g + size.groups, shape.groups)};
        tile.filters = {m, std::min(m + size.filters, filters)};
        tile.channels = {c, std::min(c + size.channels, channels)};
        demand.sb = std::max(demand.sb, fullest_sb(layer, tile, assign(layer, tile)));
        demand.index = std::max(demand.index, static_cast<std::int64_t>(layer.stored(tile).index));
        ++demand.tiles;
      }
    }
  }
  return demand;
}

/// Why the weight tiles of a size do not fit their buffers; empty when they do.
std::string misfit(const SparseLayer& layer, const TileSize& size) {
  const Demand demand = demand_of(layer, size);
  const std::int64_t copies = demand.tiles == 1 ? 1 : banks;
  const auto need = [&](std::int64_t bytes, std::int64_t capacity, const char* buffer) -> std::string {
    if (bytes * copies <= capacity) return {};
    return std::string(buffer) + " would need " + std::to_string(bytes * copies) + " bytes of " +
           std::to_string(capacity);
  };
  const std::string problem = need(demand.sb, layer.spec().sb_bytes, "the synapse buffer of a PE");
  return problem.empty() ? need(demand.index, layer.spec().index_bytes, "the index buffer") : problem;
}

TilingProblem problem_of(const SparseLayer& layer) {
  const arch::CambriconXSpec& spec = layer.spec();
  TilingProblem problem;
  problem.shape = layer.shape();
  problem.layer = layer.dense().info.name;
  problem.input_bytes = problem.output_bytes = spec.element_bytes();
  problem.partial_sum_bytes = problem.accumulator_bytes = partial_sum_bytes;
  problem.input_buffer = spec.nbin_bytes;
  problem.weight_buffer = std::numeric_limits<std::int64_t>::max();  // `allowed` looks at each synapse buffer
  problem.output_buffer = spec.nbout_bytes;
  problem.banks = banks;
  problem.granule.filters = spec.pes;
  problem.granule.channels = spec.multipliers;
  problem.weights = [&layer](const ConvTile& tile) { return layer.stored(tile); };
  problem.cycles = [&layer](const ConvTile& tile) {
    return static_cast<double>(tile.rows.size() * tile.columns.size()) *
           static_cast<double>(busiest_lane(layer, tile, assign(layer, tile)));
  };
  using Key = std::tuple<std::int64_t, std::int64_t, std::int64_t>;
  problem.allowed = [&layer, known = std::map<Key, bool>()](const TileSize& size) mutable {
    const auto [entry, missing] = known.try_emplace({size.groups, size.filters, size.channels});
    if (missing) entry->second = misfit(layer, size).empty();
    return entry->second;
  };
  return problem;
}

/// The smallest weight tile must fit, or no tile does.
void check_smallest(const SparseLayer& layer, const TilingProblem& problem) {
  const LayerShape& shape = layer.shape();
  const TileSize smallest{1, std::min(problem.granule.filters, shape.filters_per_group()),
                          std::min(problem.granule.channels, shape.channels_per_group())};
  const std::string reason = misfit(layer, smallest);
  if (!reason.empty()) fail_infeasible("layer " + problem.layer + " does not fit: " + reason + "; use a larger buffer");
}

void number_weight_tiles(const SparseLayer& layer, Mapping& mapping) {
  std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, std::size_t> numbers;
  for (const Step& step : mapping.steps.steps) {
    const auto [entry, missing] = numbers.try_emplace(
        {step.tile.groups.first, step.tile.filters.first, step.tile.channels.first}, mapping.weight_tiles.size());
    if (missing) {
      mapping.weight_tiles.push_back(step.tile);
      mapping.passes.push_back(assign(layer, step.tile));
    }
    mapping.weight_tile_of_step.push_back(entry->second);
  }
}

}  // namespace

Mapping map_layer(const SparseLayer& layer, const MemorySpeed& memory) {
  const TilingProblem problem = problem_of(layer);
  check_smallest(layer, problem);
  Mapping mapping;
  mapping.tiling = best_tiling(problem, layer.spec().objective, memory);
  mapping.steps = tile_steps(problem, mapping.tiling);
  mapping.steps.buffers[input_buffer].write_action = nbin_write;
  mapping.steps.buffers[weight_buffer].write_action = sb_write;
  mapping.steps.output_read_action = nbout_read;
  mapping.steps.output_write_action = nbout_write;
  split_index(mapping.steps, index_write);
  mapping.compulsory = compulsory_traffic(problem);
  const WeightBytes least = layer.least_stored();
  mapping.compulsory.weights = least.weights;
  mapping.compulsory.index = least.index;
  number_weight_tiles(layer, mapping);
  return mapping;
}

}  // namespace rebasis::sim::cambricon_x
