// Activations as sums of signed powers of two ("oneffsets"): what the array processes instead of bits or products.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rebasis::sim::bit_pragmatic {

/// How an activation is written.
struct OneffsetFormat {
  enum class Encoding { plain, booth, naf };
  Encoding encoding = Encoding::plain;
  int width = 8;           ///< of the encoders: 8 or 16 bits
  bool is_signed = false;  ///< values are two's complement
};
/// "plain", "booth" or "naf", as in oneffset.encoding.
[[nodiscard]] OneffsetFormat::Encoding encoding_of(const std::string& name);

/// A term: -2^power or 2^power.
struct Oneffset {
  int power = 0;
  bool negative = false;
  bool operator==(const Oneffset&) const = default;
};

/// The non-zero terms of `value`, lowest power first; no power occurs twice.
///   plain: one-bits; the top bit of a signed value counts -2^(width - 1).
///   booth: radix-4 Booth digits, each +-4^k or +-2 * 4^k.
///   naf: signed digits of which no two neighbours are non-zero; the fewest there can be.
/// `value` fits in the width.
[[nodiscard]] std::vector<Oneffset> oneffsets(int value, const OneffsetFormat& format);

}  // namespace rebasis::sim::bit_pragmatic
