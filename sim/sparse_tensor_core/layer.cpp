#include "sim/sparse_tensor_core/layer.h"

#include "common/units.h"
#include "sim/core/decoder/decode_plan.h"

namespace rebasis::sim::sparse_tensor_core {

namespace {

std::int64_t groups_of(const Pack& pack, const Pattern& pattern) { return ceil_div(pack.channels.size(), pattern.of); }

}  // namespace

std::uint64_t bias_bytes(const DenseLayer& layer, const ConvTile& tile) {
  constexpr std::uint64_t each = 4;
  return layer.has_bias && tile.first_chunk
             ? static_cast<std::uint64_t>(tile.groups.size() * tile.filters.size()) * each
             : 0;
}

void weight_order(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern,
                  const ConvTile& tile, std::vector<std::int32_t>& order) {
  const LayerShape& shape = layer.shape();
  const std::int64_t depth = shape.channels_per_group();
  // Between convolution groups a place holds no weight of the layer.
  const auto place_of = [&](std::int64_t m, std::int64_t c, std::int64_t r, std::int64_t s) {
    const bool own = m / shape.filters_per_group() == c / depth;
    return own ? static_cast<std::int32_t>(((m * depth + c % depth) * shape.R + r) * shape.S + s)
               : WeightSource::not_a_weight;
  };
  for (const Pack& pack : packs_of(shape, tile, groups_of_pack(shape, spec))) {
    for (std::int64_t m = pack.filters.first; m < pack.filters.last; ++m) {
      for (const Range& channels : channel_groups(pack, pattern)) {
        for (std::int64_t tap = 0; tap < shape.R * shape.S; ++tap) {
          const std::int64_t r = tap / shape.S, s = tap % shape.S;
          for (const Kept& kept : kept_weights(layer, pattern, m, channels, r, s)) {
            const bool used = pattern.dense() || kept.weight != 0;
            order.push_back(used ? place_of(m, channels.first + kept.position, r, s) : WeightSource::not_a_weight);
          }
        }
      }
    }
  }
}

WeightBytes weight_bytes(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern,
                         const ConvTile& tile) {
  const LayerShape& shape = layer.shape();
  std::int64_t kept = 0;
  for (const Pack& pack : packs_of(shape, tile, groups_of_pack(shape, spec)))
    kept += pack.filters.size() * groups_of(pack, pattern) * pattern.kept * shape.R * shape.S;
  return {static_cast<std::uint64_t>(kept * spec.element_bytes()) + bias_bytes(layer, tile),
          static_cast<std::uint64_t>(ceil_div<std::int64_t>(kept * pattern.position_bits(), 8))};
}

std::int64_t cycles_of_sum(const arch::SparseTensorCoreSpec& spec, const Pattern& pattern, std::int64_t positions,
                           std::int64_t groups) {
  const std::int64_t at_once = pattern.groups_a_cycle(spec);
  return spec.fold_kernel ? ceil_div(positions * groups, at_once) : positions * ceil_div(groups, at_once);
}

std::int64_t full_cycles(const LayerShape& shape, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern,
                         const ConvTile& tile) {
  std::int64_t cycles = 0;
  for (const Pack& pack : packs_of(shape, tile, groups_of_pack(shape, spec))) {
    cycles += ceil_div(pack.filters.size(), spec.Tn) *
              cycles_of_sum(spec, pattern, shape.R * shape.S, groups_of(pack, pattern));
  }
  return cycles * tile.rows.size() * tile.columns.size();
}

}  // namespace rebasis::sim::sparse_tensor_core
