// The steps of a layer with their transfers. docs/accelerators/scnn.md, "Steps".
#pragma once

#include "sim/scnn/mapping.h"

namespace rebasis::sim::scnn {

/// Numbers of the buffers in StepPlan::buffers.
inline constexpr std::size_t iaram = 0, weight_staging = 1;

/// Steps in order: planar tiles, groups of filters, chunks of channels. Sizes of the compressed activations are the
/// image's.
[[nodiscard]] StepPlan steps_of(const DenseLayer& layer, const Activations& image, const Mapping& mapping,
                                const arch::ScnnSpec& spec);

}  // namespace rebasis::sim::scnn
