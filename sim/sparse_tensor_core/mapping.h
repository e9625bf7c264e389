// Which pattern a layer runs with, and how it is cut for the buffers.
#pragma once

#include <string>

#include "sim/sparse_tensor_core/layer.h"

namespace rebasis::sim::sparse_tensor_core {

struct Mapping {
  Pattern pattern;
  std::string reason;  ///< why this pattern
  Tiling tiling;
  StepPlan steps;
  DramBytes compulsory;  ///< each tensor once, the weights in this pattern
};

/// The pattern that the weights obey with the shortest estimated time, then the least traffic. Refers to nothing after
/// its return. Throws Error(infeasible) that names the layer and the buffer when not even the dense layer fits.
[[nodiscard]] Mapping map_layer(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec,
                                const MemorySpeed& memory);

}  // namespace rebasis::sim::sparse_tensor_core
