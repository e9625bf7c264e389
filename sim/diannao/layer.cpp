#include "sim/diannao/layer.h"

#include <algorithm>

#include "common/units.h"

namespace rebasis::sim::diannao {

namespace {

constexpr std::uint64_t bytes_of_bias = 4;
constexpr std::int32_t no_weight = -1;

}  // namespace

std::int64_t groups_of_pack(const LayerShape& shape, const arch::DianNaoSpec& spec) {
  if (!spec.pack_groups) return 1;
  const std::int64_t fit = std::min(spec.Tn / shape.filters_per_group(), spec.Ti / shape.channels_per_group());
  return std::clamp<std::int64_t>(fit, 1, shape.groups);
}

std::vector<Pack> packs_of(const LayerShape& shape, const ConvTile& tile, std::int64_t per_pack) {
  const std::int64_t filters = shape.filters_per_group(), channels = shape.channels_per_group();
  std::vector<Pack> packs;
  for (std::int64_t first = tile.groups.first; first < tile.groups.last; first += per_pack) {
    const std::int64_t last = std::min(first + per_pack, tile.groups.last);
    packs.push_back({{first, last},
                     {first * filters + tile.filters.first, (last - 1) * filters + tile.filters.last},
                     {first * channels + tile.channels.first, (last - 1) * channels + tile.channels.last}});
  }
  return packs;
}

std::uint64_t weight_bytes(const DenseLayer& layer, const arch::DianNaoSpec& spec, const ConvTile& tile) {
  const LayerShape& shape = layer.shape();
  std::int64_t weights = 0;
  for (const Pack& pack : packs_of(shape, tile, groups_of_pack(shape, spec)))
    weights += pack.filters.size() * pack.channels.size();
  return static_cast<std::uint64_t>(weights * shape.R * shape.S * spec.element_bytes()) + bias_bytes(layer, tile);
}

std::uint64_t bias_bytes(const DenseLayer& layer, const ConvTile& tile) {
  const auto filters = static_cast<std::uint64_t>(tile.groups.size() * tile.filters.size());
  return layer.has_bias && tile.first_chunk ? filters * bytes_of_bias : 0;
}

void weight_order(const DenseLayer& layer, const arch::DianNaoSpec& spec, const ConvTile& tile,
                  std::vector<std::int32_t>& order) {
  const LayerShape& shape = layer.shape();
  const std::int64_t depth = shape.channels_per_group(), taps = shape.R * shape.S;
  for (const Pack& pack : packs_of(shape, tile, groups_of_pack(shape, spec))) {
    for (std::int64_t m = pack.filters.first; m < pack.filters.last; ++m) {
      for (std::int64_t c = pack.channels.first; c < pack.channels.last; ++c) {
        const bool own = m / shape.filters_per_group() == c / depth;
        const std::int64_t first = (m * depth + c % depth) * taps;
        for (std::int64_t tap = 0; tap < taps; ++tap)
          order.push_back(own ? static_cast<std::int32_t>(first + tap) : no_weight);
      }
    }
  }
}

std::int64_t dense_cycles(const LayerShape& shape, const arch::DianNaoSpec& spec, const ConvTile& tile) {
  std::int64_t blocks = 0;
  for (const Pack& pack : packs_of(shape, tile, groups_of_pack(shape, spec))) {
    blocks += ceil_div(pack.filters.size(), spec.Tn) * ceil_div(pack.channels.size(), spec.Ti);
  }
  return blocks * tile.rows.size() * tile.columns.size() * shape.R * shape.S;
}

TilingProblem tiling_problem(const DenseLayer& layer, const arch::DianNaoSpec& spec) {
  TilingProblem problem;
  problem.shape = layer.shape();
  problem.layer = layer.info.name;
  problem.input_bytes = problem.output_bytes = spec.element_bytes();
  problem.partial_sum_bytes = problem.accumulator_bytes = spec.sum_bytes();
  problem.sums_in_array = true;
  problem.input_buffer = spec.nbin_bytes;
  problem.weight_buffer = spec.sb_bytes;
  problem.output_buffer = spec.nbout_bytes;
  problem.granule = {groups_of_pack(layer.shape(), spec), spec.Tn, spec.Ti, 1, 1};
  problem.weights = [&](const ConvTile& tile) { return WeightBytes{weight_bytes(layer, spec, tile), 0}; };
  problem.cycles = [&](const ConvTile& tile) { return static_cast<double>(dense_cycles(layer.shape(), spec, tile)); };
  return problem;
}

}  // namespace rebasis::sim::diannao
