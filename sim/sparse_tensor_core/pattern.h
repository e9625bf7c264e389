// N:M patterns: how many weights of each group of consecutive channels are kept, and which pattern a layer obeys.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arch/sparse_tensor_core/spec.h"
#include "sim/core/dense_layer.h"
#include "sim/diannao/layer.h"

namespace rebasis::sim::sparse_tensor_core {

using diannao::groups_of_pack;
using diannao::Pack;
using diannao::packs_of;

/// `kept` weights of each `of` consecutive channels at one place of the kernel of a filter; 1 of 1 is dense.
struct Pattern {
  std::int64_t kept = 1, of = 1;
  [[nodiscard]] bool dense() const { return of == 1; }
  [[nodiscard]] std::int64_t position_bits() const;
  /// "dense", "2 of 4".
  [[nodiscard]] std::string text() const;
  /// Groups that a row of the array takes in a cycle: what its multipliers hold and NBin delivers.
  [[nodiscard]] std::int64_t groups_a_cycle(const arch::SparseTensorCoreSpec& spec) const;
  /// Multipliers of a row that stand idle because NBin delivers no more neurons.
  [[nodiscard]] std::int64_t starved_lanes(const arch::SparseTensorCoreSpec& spec) const;
  bool operator==(const Pattern&) const = default;
};

/// Channels [first, last), counted over all groups of the convolution, that share `kept` places in the buffers. Groups
/// are cut within a pack from its first channel; the last may be smaller.
[[nodiscard]] std::vector<Range> channel_groups(const Pack& pack, const Pattern& pattern);

/// Channels of a filter's own convolution group among `channels`; the others' weights are zeros.
[[nodiscard]] Range own_channels(const LayerShape& shape, std::int64_t filter, Range channels);

/// The weight of a filter at a channel, both counted over all groups; zero between convolution groups.
[[nodiscard]] std::int8_t weight_at(const DenseLayer& layer, std::int64_t filter, std::int64_t channel, std::int64_t r,
                                    std::int64_t s);

/// A place for a kept weight: its value and its channel's number within the group. Places that are left over hold 0 at
/// 0.
struct Kept {
  std::int8_t weight = 0;
  std::int64_t position = 0;
};
/// The kept weights of a filter in a group: its non-zero ones in the order of channels, in `pattern.kept` places.
/// Dense: the weight. Fails (internal) when there are more.
[[nodiscard]] std::vector<Kept> kept_weights(const DenseLayer& layer, const Pattern& pattern, std::int64_t filter,
                                             Range channels, std::int64_t r, std::int64_t s);

/// What the weights of a layer allow.
struct Obeyed {
  std::vector<Pattern> patterns;  ///< dense first, then for each group size the one that keeps least
  std::string fullest;            ///< "4 of 4, 7 of 8": most non-zero weights in a group of each supported size
};
[[nodiscard]] Obeyed obeyed_patterns(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec);

}  // namespace rebasis::sim::sparse_tensor_core
