// The reuse of a layer in a trace, measured on the activations that the trace holds.
#pragma once

#include <cstdint>
#include <optional>

#include "workloads/reuse/microcontroller.h"
#include "workloads/reuse/reuse.h"
#include "workloads/trace/trace.h"

namespace rebasis::reuse {

/// Other sub-vectors than the trace's, with random hash vectors. 0: as in the trace.
struct Replacement {
  std::int64_t length = 0, hashes = 0;
  std::uint64_t seed = 1;
  [[nodiscard]] bool any() const { return length > 0 || hashes > 0; }
};

/// The hash vectors of a layer: the trace's, or replaced ones; a length beyond the layer's depth becomes the depth.
/// Nothing when the layer has no reuse and `replacement` does not give both numbers, or when it is no convolution.
[[nodiscard]] std::optional<HashVectors> vectors_of(const trace::TraceReader& trace, const trace::LayerInfo& layer,
                                                    const Replacement& replacement);

/// Buckets of the layer's sub-vectors over the trace's images, shared by `batch` consecutive images.
[[nodiscard]] Counts measure_layer(const trace::TraceReader& trace, const trace::LayerInfo& layer,
                                   const HashVectors& vectors, std::int64_t batch);

/// The layer as a matrix product of one image.
[[nodiscard]] Work work_of(const LayerShape& shape, const HashVectors& vectors, double redundancy);

}  // namespace rebasis::reuse
