// The integers that a quantised weight may be, times a scale.
#pragma once

#include <vector>

namespace rebasis::compress {

enum class Rounding {
  nearest,  ///< ties to the even integer; between codes that are not neighbours to the smaller magnitude
  truncate  ///< towards zero: what dropping the low bits of sign and magnitude does
};

/// Ascending integers within -128..127.
class Codebook {
 public:
  /// All integers from `lowest` to `highest`; 0 is among them.
  static Codebook uniform(int lowest, int highest);
  /// -L..L with L = 2^(bits - 1) - 1, the largest of `bits` bits; of 1 bit -1 and +1.
  static Codebook symmetric(int bits);
  /// 0 and all sums of at most `terms` of the signed powers +-2^0 .. +-2^(powers - 1) that fit 8 bits, |sum| <= 127
  /// (additive powers of two: Li et al., Additive powers-of-two quantization, ICLR 2020; their terms have one sign and
  /// exponents of their own). A multiplication by such a code is `terms` shifts and terms - 1 additions.
  static Codebook sums_of_powers(int terms, int powers);

  [[nodiscard]] const std::vector<int>& values() const { return values_; }
  [[nodiscard]] int lowest() const { return values_.front(); }
  [[nodiscard]] int highest() const { return values_.back(); }
  /// Bits of a code of fixed length: the logarithm of the number of codes, rounded up.
  [[nodiscard]] int bits() const;
  /// The code for `x`, a weight over the scale; 0 for 0, even when 0 is no code: a pruned weight stays pruned.
  [[nodiscard]] int code(float x, Rounding rounding) const;

 private:
  explicit Codebook(std::vector<int> values);
  [[nodiscard]] int nearest(float x) const;
  [[nodiscard]] int towards_zero(float x) const;

  std::vector<int> values_;
  bool contiguous_;
};

}  // namespace rebasis::compress
