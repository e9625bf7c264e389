// Weights that a network file gives as a product (SmartDeal paper, III-C1).
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/tensor.h"

namespace rebasis {

/// W = Ce x B, slice by slice of each filter.
struct Factors {
  Tensor<float> coefficients;  ///< [M][slices][rows][n]: 0 or +-2^p; a shorter slice ends with rows of zeros
  Tensor<float> basis;         ///< [M][slices][n][n]
  /// Which of a filter's slices * rows * n products are its weights [C/groups][R][S], in order. Empty: all of them.
  std::vector<std::int64_t> elements;
  bool transposed = false;  ///< the network's constant is [C][M]
};

}  // namespace rebasis
