// The ternary form of a layer (Yang's dissertation, equations 2.1 and 2.2, section 2.2.3) and its encoding: 2-bit codes
// and a bit for each group of C_g x R x S weights, the capacity of a processing element.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "workloads/layer_shape.h"
#include "workloads/trace/trace.h"

namespace rebasis::encode {

struct TernaryForm {
  trace::TernaryInfo info;
  float alpha = 1;                   ///< scale of the layer, > 0
  std::vector<std::int8_t> weights;  ///< [M][C/groups][R][S], each -1, 0 or 1
  std::vector<float> channel_scale;  ///< [M], or empty: all 1
};

/// The bit strings of the trace (workloads/trace/trace.h).
struct EncodedTernary {
  std::vector<std::uint8_t> codes;
  std::vector<std::uint8_t> group_index;
};

/// Sizes of a ternary layer in bits.
struct TernaryBits {
  std::int64_t groups = 0;  ///< of all filters
  std::int64_t nonzero_groups = 0;
  std::uint64_t all_codes = 0;   ///< 2 a weight, zero groups included: what the trace holds
  std::uint64_t kept_codes = 0;  ///< 2 a weight of the non-zero groups: what an accelerator with the index stores
  std::uint64_t index = 0;       ///< one a group
};

/// Packs weights. Another value than -1, 0 or 1, or another number than the shape's, is an internal error.
[[nodiscard]] EncodedTernary encode(const TernaryForm& form, const LayerShape& shape);

/// Weights [M][C/groups][R][S]. A wrong length, code 10, padding that is not zero or an index that disagrees with the
/// codes throws Error(bad_input) that names `layer`.
[[nodiscard]] std::vector<std::int8_t> decode_ternary(std::span<const std::uint8_t> codes,
                                                      std::span<const std::uint8_t> group_index,
                                                      const trace::TernaryInfo& info, const LayerShape& shape,
                                                      const std::string& layer);

/// One flag a group, [M][groups of a filter]: 1 when it has a non-zero weight.
[[nodiscard]] std::vector<std::uint8_t> group_flags(std::span<const std::int8_t> weights,
                                                    const trace::TernaryInfo& info, const LayerShape& shape);

[[nodiscard]] TernaryBits ternary_bits(std::span<const std::uint8_t> flags, const trace::TernaryInfo& info,
                                       const LayerShape& shape);

/// The unit of each filter's weights [M]: alpha times the channel scale.
[[nodiscard]] std::vector<double> weight_units(const TernaryForm& form, const LayerShape& shape);

/// Equation 2.8: 32 / ((1 - G_s) n) with n = 2 bits and G_s the share of zero groups; infinite without a non-zero one.
[[nodiscard]] double group_compression_rate(std::int64_t groups, std::int64_t nonzero_groups);

}  // namespace rebasis::encode
