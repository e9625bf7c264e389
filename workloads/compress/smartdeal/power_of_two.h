// Rounding to Omega_P = {0, +-2^p : p in P} (paper eq. 3 and section III-B, step 1).
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "workloads/encode/smartdeal_form.h"

namespace rebasis::compress::smartdeal {

enum class Rounding { linear, logarithmic };

/// floor(log2(magnitude)) of a positive normal double; far below every exponent in use for 0 and subnormals.
inline int floor_log2(double magnitude) {
  return static_cast<int>((std::bit_cast<std::uint64_t>(magnitude) >> 52) & 0x7FF) - 1023;
}

class PowerOfTwoSet {
 public:
  /// `exponents`: P, ascending and not empty. Linear rounding takes the nearest element of Omega_P, ties go to the
  /// smaller magnitude. Logarithmic rounding takes the nearest exponent; zero is then as near as in linear rounding.
  PowerOfTwoSet(std::vector<int> exponents, Rounding rounding) : exponents_(std::move(exponents)) {
    const int low = exponents_.front() - 1;
    const int high = exponents_.back() + 1;
    values_.push_back(0);
    limits_.push_back(std::ldexp(0.5, exponents_[0]));
    for (std::size_t i = 0; i < exponents_.size(); ++i) {
      const double value = std::ldexp(1.0, exponents_[i]);
      values_.push_back(value);
      const double next = i + 1 < exponents_.size() ? std::ldexp(1.0, exponents_[i + 1]) : HUGE_VAL;
      limits_.push_back(rounding == Rounding::linear ? (value + next) / 2 : std::sqrt(value * next));
    }
    std::size_t below = 0;  // number of elements of P that are <= the exponent
    for (int exponent = low; exponent <= high; ++exponent) {
      while (below < exponents_.size() && exponents_[below] <= exponent) ++below;
      candidates_.push_back(static_cast<std::int8_t>(below));
    }
    low_ = low;
    high_ = high;
  }

  /// The coefficient nearest to `value`.
  [[nodiscard]] encode::Coefficient nearest(double value) const {
    const double magnitude = std::abs(value);
    const int exponent = std::min(std::max(floor_log2(magnitude), low_), high_);
    int index = candidates_[static_cast<std::size_t>(exponent - low_)];
    index += magnitude > limits_[static_cast<std::size_t>(index)] ? 1 : 0;
    return static_cast<encode::Coefficient>(value < 0 ? -index : index);
  }
  /// The real value of a coefficient.
  [[nodiscard]] double value(encode::Coefficient coefficient) const {
    return coefficient < 0 ? -values_[static_cast<std::size_t>(-coefficient)]
                           : values_[static_cast<std::size_t>(coefficient)];
  }
  [[nodiscard]] const std::vector<int>& exponents() const { return exponents_; }

 private:
  std::vector<int> exponents_;
  std::vector<double> values_;           ///< [|P| + 1]; 0, then 2^P[i]
  std::vector<double> limits_;           ///< [|P| + 1]; above limits_[i] the next element is nearer
  std::vector<std::int8_t> candidates_;  ///< by exponent - low_: elements of P at or below it
  int low_ = 0, high_ = 0;
};

}  // namespace rebasis::compress::smartdeal
