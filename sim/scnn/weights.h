// Compressed weights in the order in which they are broadcast: groups of filters, their channels, residue classes of
// taps; each of these is a block, coded with zero runs of its own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "arch/scnn/spec.h"
#include "sim/core/dense_layer.h"
#include "sim/core/sequence/step_plan.h"
#include "workloads/encode/zero_run.h"

namespace rebasis::sim::scnn {

[[nodiscard]] encode::ZeroRunFormat format_of(const arch::ScnnSpec& spec);

/// Channels, of all convolution groups, that filters [first, last) of the layer read.
[[nodiscard]] Range channels_of(const LayerShape& shape, Range filters);

/// Weights of a block before compression: the filters that read its channel, and the taps of its residue class.
struct WeightOrder {
  Range filters;
  std::vector<std::int64_t> taps;  ///< r * S + s
  bool filters_fastest = true;
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(filters.size()) * taps.size(); }
  [[nodiscard]] std::int64_t filter(std::size_t i) const {
    const auto n = static_cast<std::int64_t>(i);
    return filters.first + (filters_fastest ? n % filters.size() : n / static_cast<std::int64_t>(taps.size()));
  }
  [[nodiscard]] std::int64_t tap(std::size_t i) const {
    return taps[filters_fastest ? i / static_cast<std::size_t>(filters.size()) : i % taps.size()];
  }
};
[[nodiscard]] WeightOrder weight_order(const LayerShape& shape, const arch::ScnnSpec& spec, Range filters,
                                       std::int64_t channel, std::int64_t residue);

struct StoredWeight {
  std::int32_t filter = 0;  ///< of the layer
  std::int16_t tap = 0;     ///< r * S + s
  std::int8_t value = 0;    ///< 0: a placeholder
};

struct WeightBlock {
  std::int64_t channel = 0;
  std::size_t residue = 0;            ///< index in used_residues()
  std::size_t first = 0, stored = 0;  ///< of WeightStream::stored
};

/// The weights of some filters.
struct WeightStream {
  Range filters;
  std::vector<WeightBlock> blocks;  ///< by channel, then residue class; those without weights are left out
  std::vector<StoredWeight> stored;
  std::vector<std::uint64_t> stored_before;  ///< [channels + 1] stored weights of the channels before
  std::vector<std::uint64_t> header_before;  ///< [channels + 1] bits of headers
  [[nodiscard]] std::span<const StoredWeight> of(const WeightBlock& block) const {
    return {stored.data() + block.first, block.stored};
  }
};
/// Appends a block's stored weights; returns how many.
std::size_t append_block(const DenseLayer& layer, const WeightOrder& order, std::int64_t channel,
                         const encode::ZeroRunFormat& format, std::vector<StoredWeight>& stored);
/// Where the weights of filters and channels are in the layer's, zeros too, in the order of the blocks.
void weight_places(const LayerShape& shape, const arch::ScnnSpec& spec, Range filters, Range channels,
                   std::vector<std::int32_t>& places);
[[nodiscard]] WeightStream weight_stream(const DenseLayer& layer, const arch::ScnnSpec& spec, Range filters);

}  // namespace rebasis::sim::scnn
