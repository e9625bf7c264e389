// Seeded random weights and activations with given statistics.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/layer_shape.h"
#include "workloads/synthetic/statistics.h"

namespace rebasis::synthetic {

/// What tells one stream of random numbers from all others: values do not depend on other layers or on threads.
struct Stream {
  std::uint64_t seed = 1;
  std::uint64_t layer = 0;  ///< number of the layer, or of a constant
};

/// Weights [M][C/groups][R][S]: a scale a filter, log-normal, times a generalised normal distribution.
[[nodiscard]] std::vector<float> weights(const LayerShape& shape, const WeightStatistics& statistics,
                                         const Stream& stream);
/// Biases [M], normal, with a tenth of the weights' standard deviation.
[[nodiscard]] std::vector<float> biases(const LayerShape& shape, const WeightStatistics& statistics,
                                        const Stream& stream);

/// How activations are coded.
struct ActivationCode {
  bool is_signed = false;
  int bits = 8;
  [[nodiscard]] std::int32_t largest() const { return (1 << (is_signed ? bits - 1 : bits)) - 1; }
};

/// Codes [images][C][H][W]. A latent field, normal, is correlated in a channel (first-order autoregression along rows
/// and columns) and has a part that a whole channel shares; its quantiles give negative, zero and positive codes.
[[nodiscard]] std::vector<std::int32_t> activations(const LayerShape& shape, std::int64_t images,
                                                    const ActivationStatistics& statistics, const ActivationCode& code,
                                                    const Stream& stream);

}  // namespace rebasis::synthetic
