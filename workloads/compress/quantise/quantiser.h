// Integer weights with a scale: how the scale is found and what the codes are.
#pragma once

#include "workloads/compress/model.h"
#include "workloads/compress/quantise/codebook.h"

namespace rebasis::compress {

/// Which weight the largest code stands for.
enum class RangeMethod {
  max,         ///< the largest magnitude; asymmetric: lowest and highest code for the least and the largest weight
  percentile,  ///< a percentile of the magnitudes of the weights that are not zero; larger weights are clipped
  mse          ///< what leaves the least squared error of 100 ranges up to the largest, and then of all scales for the
               ///< codes found. For 1 bit it is the mean magnitude (Rastegari et al., XNOR-Net, equation 6)
};

struct QuantiserOptions {
  Codebook codebook = Codebook::symmetric(8);
  /// Codes 0 .. 2^asymmetric_bits - 1 less a zero point in place of `codebook`; 1 to 7, 0: not. Code minus zero point
  /// is what is multiplied, a signed number of one bit more.
  int asymmetric_bits = 0;
  bool shared_scale = false;  ///< one scale and zero point for the layer, not one a filter
  RangeMethod range = RangeMethod::max;
  double percentile = 99.9;
  Rounding rounding = Rounding::nearest;
};

/// The integers and scales of a layer's weights. Weights that are zero stay zero; a filter of zeros has scale 1.
/// A weight that is not finite throws Error(bad_input).
[[nodiscard]] Int8Form quantise(const Layer& layer, const QuantiserOptions& options);

/// The same, `bits` bits symmetric about zero, a scale a filter, the largest magnitude at the largest code.
[[nodiscard]] Int8Form quantise_int8(const Layer& layer, int bits = 8);

}  // namespace rebasis::compress
