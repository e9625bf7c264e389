// From an encoded layer to the tensors of a trace.
#pragma once

#include <cstdint>
#include <span>

#include "workloads/compress/model.h"
#include "workloads/trace/trace.h"

namespace rebasis::compress {

/// Inputs of one layer, already quantised.
struct LayerActivations {
  trace::ActivationInfo info;
  std::int64_t images = 1;
  std::span<const std::int32_t> codes;  ///< [images][C][H][W], of info.bits bits
};

/// Adds the layer's tensors to `writer` and returns its metadata. A code that the activation type cannot hold, or a
/// number of codes that does not match the shape, is an internal error.
[[nodiscard]] trace::LayerInfo add_layer(trace::TraceWriter& writer, const Layer& layer,
                                         const LayerActivations& activations);

}  // namespace rebasis::compress
