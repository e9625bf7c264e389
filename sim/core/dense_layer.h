// A layer with explicit integer weights, as the accelerators without SmartDeal's rebuild engines see it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/trace/trace.h"

namespace rebasis::sim {

struct DenseLayer {
  trace::LayerInfo info;
  std::vector<std::int8_t> weights;  ///< [M][C/groups][R][S]
  bool has_bias = false;             ///< 32 bits a filter, loaded with the weights
  [[nodiscard]] const LayerShape& shape() const { return info.shape; }
  [[nodiscard]] std::int8_t weight(std::int64_t m, std::int64_t c, std::int64_t r, std::int64_t s) const {
    const LayerShape& shape = info.shape;
    return weights[static_cast<std::size_t>(((m * shape.channels_per_group() + c) * shape.R + r) * shape.S + s)];
  }
};

/// Why a layer has no explicit 8-bit weights; empty when it has.
[[nodiscard]] std::optional<std::string> not_dense(const trace::LayerInfo& info);

/// Why the layer's activations do not fit an array of `bits` bits, the value of `parameter`; empty when they do.
[[nodiscard]] std::optional<std::string> too_wide(const trace::LayerInfo& info, std::int64_t bits,
                                                  const std::string& parameter);

/// Reads and checks the layer. Throws Error(bad_input) for a damaged layer, or one in another encoding.
[[nodiscard]] DenseLayer load_dense_layer(const trace::TraceReader& trace, const trace::LayerInfo& info);

}  // namespace rebasis::sim
