// A network with an infinite weight cannot be compressed; saying so beats what sorting and rounding would make of it.
#pragma once

#include <cmath>
#include <string>

#include "common/error.h"
#include "workloads/compress/model.h"

namespace rebasis::compress {

/// Throws Error(bad_input) that names the layer and the first weight that is not finite.
inline void require_finite(const Layer& layer) {
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    if (std::isfinite(layer.weights[i])) continue;
    fail_input("layer '" + layer.name + "': weight " + std::to_string(i) + " is " + std::to_string(layer.weights[i]) +
               "; only finite weights can be compressed");
  }
}

}  // namespace rebasis::compress
