#include "sim/cambricon_x/assignment.h"

#include <algorithm>

namespace rebasis::sim::cambricon_x {

namespace {

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

/// Filters of the tile, group after group; within a group those with the most synapses first when sorted.
std::vector<std::int64_t> ordered(const SparseLayer& layer, const ConvTile& tile) {
  std::vector<std::int64_t> filters = filters_of(layer.shape(), tile);
  if (layer.spec().assignment == "in_order") return filters;
  const std::vector<FilterPart>& parts = layer.parts(tile.channels);
  for (auto first = filters.begin(); first != filters.end(); first += tile.filters.size()) {
    std::stable_sort(first, first + tile.filters.size(),
                     [&](std::int64_t a, std::int64_t b) { return parts[index(a)].kept > parts[index(b)].kept; });
  }
  return filters;
}

template <class Amount>
std::int64_t largest(const std::vector<Pass>& passes, const Amount& amount) {
  std::vector<std::int64_t> sum(passes.front().filter.size());
  for (const Pass& pass : passes) {
    for (std::size_t pe = 0; pe < sum.size(); ++pe) {
      if (pass.filter[pe] >= 0) sum[pe] += amount(pass.filter[pe]);
    }
  }
  return *std::max_element(sum.begin(), sum.end());
}

}  // namespace

std::vector<Pass> assign(const SparseLayer& layer, const ConvTile& tile) {
  const std::vector<std::int64_t> filters = ordered(layer, tile);
  const std::int64_t pes = layer.spec().pes, per_group = layer.shape().filters_per_group();
  std::vector<Pass> passes;
  for (std::int64_t first = 0; first < static_cast<std::int64_t>(filters.size()); first += pes) {
    const std::int64_t count = std::min(pes, static_cast<std::int64_t>(filters.size()) - first);
    const bool snakes_back = layer.spec().assignment == "sorted" && passes.size() % 2 == 1;
    Pass pass{std::vector<std::int64_t>(index(pes), -1),
              {filters[index(first)] / per_group, filters[index(first + count - 1)] / per_group + 1}};
    for (std::int64_t i = 0; i < count; ++i)
      pass.filter[index(snakes_back ? pes - 1 - i : i)] = filters[index(first + i)];
    passes.push_back(std::move(pass));
  }
  return passes;
}

std::int64_t fullest_sb(const SparseLayer& layer, const ConvTile& tile, const std::vector<Pass>& passes) {
  const std::vector<FilterPart>& parts = layer.parts(tile.channels);
  return largest(passes, [&](std::int64_t filter) { return layer.synapse_bytes(parts[index(filter)], tile.channels); });
}

std::int64_t busiest_lane(const SparseLayer& layer, const ConvTile& tile, const std::vector<Pass>& passes) {
  const std::vector<FilterPart>& parts = layer.parts(tile.channels);
  return largest(passes, [&](std::int64_t filter) { return parts[index(filter)].cycles; });
}

}  // namespace rebasis::sim::cambricon_x
