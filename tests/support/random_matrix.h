// Matrices of weights as coders may meet them, from a seed.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/dice.h"
#include "workloads/encode/coders/coder.h"

namespace rebasis::test {

/// Bits 1 to 16, shapes with 0 and 1 rows or columns, any density; values uniform, small, extreme, constant or powers
/// of two; zeros anywhere, in whole rows, in runs or at the end.
inline encode::WeightMatrix random_matrix(std::uint64_t seed) {
  Dice dice(seed);
  const std::vector<std::int64_t> extents{0, 1, 1, 2, 3, 5, 8, 9, 16, 27, 64, 100, 129};
  encode::WeightMatrix matrix;
  matrix.rows = dice.pick(extents);
  matrix.columns = dice.pick(extents);
  matrix.bits = static_cast<int>(dice.between(1, 16));
  const std::int32_t end = std::int32_t{1} << (matrix.bits - 1);
  const double density = dice.pick(std::vector<double>{0, 0.005, 0.05, 0.2, 0.5, 0.9, 1});
  const std::int64_t kind = dice.between(0, 4), zeros = dice.between(0, 3);
  const auto constant = static_cast<std::int32_t>(dice.between(-end, end - 1));
  const auto value = [&]() -> std::int32_t {
    if (kind == 0) return static_cast<std::int32_t>(dice.between(-end, end - 1));
    if (kind == 1) return static_cast<std::int32_t>(dice.between(std::max(-3, -end), std::min(3, end - 1)));
    if (kind == 2) return dice.chance(0.5) ? -end : end - 1;
    if (kind == 3) return constant;
    return -(std::int32_t{1} << dice.between(0, matrix.bits - 1));
  };
  bool zero_run = false, zero_row = false;
  for (std::int64_t r = 0; r < matrix.rows; ++r) {
    zero_row = zeros == 1 && !dice.chance(density);
    for (std::int64_t c = 0; c < matrix.columns; ++c) {
      if (zeros == 2 && dice.chance(0.02)) zero_run = !dice.chance(density);
      const bool zero = zeros == 1   ? zero_row
                        : zeros == 2 ? zero_run
                        : zeros == 3 ? static_cast<double>(r) >= density * static_cast<double>(matrix.rows)
                                     : !dice.chance(density);
      matrix.values.push_back(zero ? 0 : value());
    }
  }
  return matrix;
}

/// "seed 7: 3 x 5 values of 8 bits".
inline std::string describe(std::uint64_t seed, const encode::WeightMatrix& matrix) {
  return "seed " + std::to_string(seed) + ": " + std::to_string(matrix.rows) + " x " + std::to_string(matrix.columns) +
         " values of " + std::to_string(matrix.bits) + " bits";
}

}  // namespace rebasis::test
