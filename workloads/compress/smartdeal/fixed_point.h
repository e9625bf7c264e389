// 8-bit fixed-point B with a power-of-two scale a filter (paper appendix B).
#pragma once

#include <algorithm>
#include <cmath>

namespace rebasis::compress::smartdeal {

inline constexpr double largest_code = 127;
inline constexpr int min_fraction_bits = -128;  ///< of the trace's int8
inline constexpr int max_fraction_bits = 127;

/// The integer in -127..127 nearest to `scaled` (ties away from zero).
inline double to_code(double scaled) { return std::clamp(std::round(scaled), -largest_code, largest_code); }

/// The most fraction bits with which `largest`, the largest magnitude in B, still rounds to at most 127.
inline int fraction_bits(double largest) {
  if (!(largest > 0)) return 0;
  int shift = 6 - std::ilogb(largest);  // 64 <= largest * 2^shift < 128
  if (std::round(std::ldexp(largest, shift)) > largest_code) --shift;
  return std::clamp(shift, min_fraction_bits, max_fraction_bits);
}

}  // namespace rebasis::compress::smartdeal
