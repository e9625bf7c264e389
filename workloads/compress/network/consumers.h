// Which layers read the channels of another.
#pragma once

#include <vector>

#include "workloads/compress/model.h"
#include "workloads/graph/layers.h"

namespace rebasis::compress {

/// The layers that read each output channel of `layer` through operators that keep zeros zero (index into `layers`).
[[nodiscard]] std::vector<Consumer> consumers_of(const graph::Graph& graph,
                                                 const std::vector<graph::WeightLayer>& layers,
                                                 const graph::WeightLayer& layer);

}  // namespace rebasis::compress
