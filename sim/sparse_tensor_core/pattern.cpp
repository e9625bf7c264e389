#include "sim/sparse_tensor_core/pattern.h"

#include <algorithm>
#include <bit>

#include "common/error.h"

namespace rebasis::sim::sparse_tensor_core {

namespace {

/// Most non-zero weights of a filter in a group of `of` channels.
std::int64_t fullest_group(const DenseLayer& layer, const std::vector<Pack>& packs, std::int64_t of) {
  const LayerShape& shape = layer.shape();
  const std::int64_t kernel = shape.R * shape.S;
  std::int64_t most = 0;
  std::vector<std::int64_t> non_zero(static_cast<std::size_t>(kernel));
  for (const Pack& pack : packs) {
    for (const Range& group : channel_groups(pack, {1, of})) {
      for (std::int64_t m = pack.filters.first; m < pack.filters.last; ++m) {
        const Range own = own_channels(shape, m, group);
        const std::int64_t first_channel = m / shape.filters_per_group() * shape.channels_per_group();
        std::fill(non_zero.begin(), non_zero.end(), 0);
        auto weight = layer.weights.begin() + (m * shape.channels_per_group() + own.first - first_channel) * kernel;
        for (std::int64_t c = own.first; c < own.last; ++c) {
          for (std::int64_t& count : non_zero) count += *weight++ != 0 ? 1 : 0;
        }
        most = std::max(most, *std::max_element(non_zero.begin(), non_zero.end()));
      }
    }
  }
  return most;
}

}  // namespace

std::int64_t Pattern::position_bits() const {
  return static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(of - 1)));
}

std::string Pattern::text() const { return dense() ? "dense" : std::to_string(kept) + " of " + std::to_string(of); }

std::int64_t Pattern::groups_a_cycle(const arch::SparseTensorCoreSpec& spec) const {
  return std::min(spec.Ti / kept, spec.nbin_neurons / of);
}

std::int64_t Pattern::starved_lanes(const arch::SparseTensorCoreSpec& spec) const {
  return spec.Ti - groups_a_cycle(spec) * kept;
}

std::vector<Range> channel_groups(const Pack& pack, const Pattern& pattern) {
  std::vector<Range> groups;
  for (std::int64_t c = pack.channels.first; c < pack.channels.last; c += pattern.of)
    groups.push_back({c, std::min(c + pattern.of, pack.channels.last)});
  return groups;
}

Range own_channels(const LayerShape& shape, std::int64_t filter, Range channels) {
  const std::int64_t first = filter / shape.filters_per_group() * shape.channels_per_group();
  const std::int64_t from = std::clamp(first, channels.first, channels.last);
  return {from, std::clamp(first + shape.channels_per_group(), from, channels.last)};
}

std::int8_t weight_at(const DenseLayer& layer, std::int64_t filter, std::int64_t channel, std::int64_t r,
                      std::int64_t s) {
  const LayerShape& shape = layer.shape();
  const std::int64_t group = filter / shape.filters_per_group();
  if (channel / shape.channels_per_group() != group) return 0;
  return layer.weight(filter, channel - group * shape.channels_per_group(), r, s);
}

std::vector<Kept> kept_weights(const DenseLayer& layer, const Pattern& pattern, std::int64_t filter, Range channels,
                               std::int64_t r, std::int64_t s) {
  if (pattern.dense()) return {{weight_at(layer, filter, channels.first, r, s), 0}};
  std::vector<Kept> kept;
  for (std::int64_t c = channels.first; c < channels.last; ++c) {
    if (const std::int8_t weight = weight_at(layer, filter, c, r, s); weight != 0)
      kept.push_back({weight, c - channels.first});
  }
  if (static_cast<std::int64_t>(kept.size()) > pattern.kept)
    fail_internal("layer " + layer.info.name + ": a group has more non-zero weights than " + pattern.text());
  kept.resize(static_cast<std::size_t>(pattern.kept));
  return kept;
}

Obeyed obeyed_patterns(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec) {
  const LayerShape& shape = layer.shape();
  const ConvTile whole{{0, shape.groups},
                       {0, shape.filters_per_group()},
                       {0, shape.channels_per_group()},
                       {0, shape.E()},
                       {0, shape.F()}};
  const std::vector<Pack> packs = packs_of(shape, whole, groups_of_pack(shape, spec));
  Obeyed obeyed{{Pattern{}}, {}};
  for (std::int64_t of = spec.smallest_group; of <= spec.largest_group; of *= 2) {
    const std::int64_t most = fullest_group(layer, packs, of);
    obeyed.fullest += (obeyed.fullest.empty() ? "" : ", ") + std::to_string(most) + " of " + std::to_string(of);
    std::int64_t kept = spec.least_kept;
    while (kept < most) kept *= 2;
    if (kept <= spec.most_kept && kept < of) obeyed.patterns.push_back({kept, of});
  }
  return obeyed;
}

}  // namespace rebasis::sim::sparse_tensor_core
