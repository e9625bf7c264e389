#include "sim/sparse_tensor_core/layer.h"

#include "common/units.h"

namespace rebasis::sim::sparse_tensor_core {

namespace {

constexpr std::uint64_t bias_bytes = 4;

std::int64_t groups_of(const Pack& pack, const Pattern& pattern) { return ceil_div(pack.channels.size(), pattern.of); }

}  // namespace

WeightBytes weight_bytes(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern,
                         const ConvTile& tile) {
  const LayerShape& shape = layer.shape();
  std::int64_t kept = 0;
  for (const Pack& pack : packs_of(shape, tile, groups_of_pack(shape, spec)))
    kept += pack.filters.size() * groups_of(pack, pattern) * pattern.kept * shape.R * shape.S;
  const auto filters = static_cast<std::uint64_t>(tile.groups.size() * tile.filters.size());
  const std::uint64_t biases = layer.has_bias && tile.first_chunk ? filters * bias_bytes : 0;
  return {static_cast<std::uint64_t>(kept * spec.element_bytes()) + biases,
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
