// Radix-4 modified-Booth recoding: the digits that bit-serial multipliers process (paper section V-B).
#pragma once

#include <array>
#include <cstdint>

namespace rebasis {

/// Digits of an 8-bit two's complement value. An unsigned value above 127 needs a fifth one.
inline constexpr int booth_digits_signed = 4;
inline constexpr int booth_digits_unsigned = 5;

/// Digit k of `value` in {-128..255}: b[2k-1] + b[2k] - 2 b[2k+1] with b[-1] = 0, in {-2, -1, 0, 1, 2}. The bits above
/// the seventh are the sign of `value`, so digit 4 is non-zero only for values above 127.
constexpr int booth_digit(int value, int k) {
  const unsigned bits = static_cast<unsigned>(value) << 1U;  // two's complement, b[-1] = 0 in bit 0
  const unsigned triple = (bits >> (2U * static_cast<unsigned>(k))) & 7U;
  constexpr std::array<int, 8> recoded{0, 1, 1, 2, -2, -1, -1, 0};
  return recoded[triple];
}

/// All five digits, least significant first: value = sum of digit[k] * 4^k.
constexpr std::array<std::int8_t, booth_digits_unsigned> booth_decode(int value) {
  std::array<std::int8_t, booth_digits_unsigned> digits{};
  for (int k = 0; k < booth_digits_unsigned; ++k)
    digits[static_cast<std::size_t>(k)] = static_cast<std::int8_t>(booth_digit(value, k));
  return digits;
}

/// Number of non-zero digits of `value` in {-128..255}: 0 for zero, at most 4 for an int8 value, at most 5 above 127.
constexpr int booth_digits(int value) {
  int count = 0;
  for (int k = 0; k < booth_digits_unsigned; ++k) count += booth_digit(value, k) != 0 ? 1 : 0;
  return count;
}

}  // namespace rebasis
