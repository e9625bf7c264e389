// Requantisation of a final sum to 8 bits, as a circuit does it: integers only. The clocked model hands on sums, which
// are compared with integer convolution; the RTL's requantiser is compared with this, value for value.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace rebasis::sim::smartdeal {

/// Constants of a filter: result = (sum + bias) x multiplier / 2^shift.
struct Requantisation {
  std::int32_t bias = 0;
  std::uint16_t multiplier = 1;
  int shift = 0;                ///< 0 .. 47
  bool signed_results = false;  ///< -128 .. 127, otherwise 0 .. 255 (a ReLU with it)
};

/// Rounded half to even, as the activations of a trace are, and saturated. |sum + bias| < 2^33.
inline std::int64_t requantise(std::int64_t sum, const Requantisation& constants) {
  const std::int64_t product = (sum + constants.bias) * constants.multiplier;
  std::int64_t rounded = product;
  if (constants.shift > 0) {
    const std::int64_t half = (std::int64_t{1} << (constants.shift - 1)) - 1;
    rounded = (product + half + ((product >> constants.shift) & 1)) >> constants.shift;
  }
  return constants.signed_results ? std::clamp<std::int64_t>(rounded, -128, 127)
                                  : std::clamp<std::int64_t>(rounded, 0, 255);
}

/// The nearest multiplier of 16 bits, and its shift, for a real scale of 2^-31 to 2^15.
inline Requantisation requantisation(double scale, std::int32_t bias, bool signed_results) {
  int exponent = 0;
  const double mantissa = std::frexp(scale, &exponent);  // 0.5 <= mantissa < 1
  double multiplier = std::nearbyint(std::ldexp(mantissa, 16));
  int shift = 16 - exponent;
  if (multiplier > 65535.0) {
    multiplier = 32768.0;
    --shift;
  }
  for (; shift > 47; --shift) multiplier = std::nearbyint(multiplier / 2);
  return {bias, static_cast<std::uint16_t>(multiplier), std::max(0, shift), signed_results};
}

}  // namespace rebasis::sim::smartdeal
