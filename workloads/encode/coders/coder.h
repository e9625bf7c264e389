// Lossless coders of a layer's integer weights, to compare their sizes and to store weights with them. A coder is one
// file in this folder with one Registration.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "arch/registry.h"

namespace rebasis::encode {

/// A layer's weights as a matrix of integers: a row a filter [M], columns [C/groups x R x S], row after row.
struct WeightMatrix {
  std::int64_t rows = 0, columns = 0;
  int bits = 8;                      ///< of a value stored dense, two's complement; 1 to 16
  std::vector<std::int32_t> values;  ///< rows x columns
  bool operator==(const WeightMatrix&) const = default;
};

/// What has to be known of a matrix beside its coded bytes: part of the layer's shape, stored anyway.
struct MatrixShape {
  std::int64_t rows = 0, columns = 0;
  int bits = 8;
};

[[nodiscard]] inline MatrixShape shape_of(const WeightMatrix& matrix) {
  return {matrix.rows, matrix.columns, matrix.bits};
}

/// A coded matrix.
struct CodedMatrix {
  std::vector<std::uint8_t> bytes;            ///< everything that decode() needs, MatrixShape aside
  std::map<std::string, std::uint64_t> bits;  ///< parts ("values", "index", "tables"); their sum is at most 8 x bytes
  [[nodiscard]] std::uint64_t total_bits() const;
};

class Coder {
 public:
  static constexpr const char* kind = "coder";
  virtual ~Coder() = default;
  /// Throws Error(bad_input) for a matrix whose values do not fit its bits, or whose count is not rows x columns.
  [[nodiscard]] virtual CodedMatrix encode(const WeightMatrix& matrix) const = 0;
  /// The inverse. Throws Error(bad_input) when the bytes are no coded matrix of this shape; never reads past them.
  [[nodiscard]] virtual WeightMatrix decode(std::span<const std::uint8_t> bytes, const MatrixShape& shape) const = 0;
};

using CoderRegistry = arch::Registry<Coder>;
using CoderRegistration = arch::Registration<Coder>;

/// Largest matrix: bit counts and positions then stay far within 64 and 32 bits.
inline constexpr std::int64_t max_matrix_values = std::int64_t{1} << 30;

/// The number of values. Throws Error(bad_input) unless 1 <= bits <= 16 and no extent is negative or too large.
[[nodiscard]] std::size_t check_shape(const MatrixShape& shape);
/// Throws Error(bad_input) unless the matrix has rows x columns values of its bits.
void check_matrix(const WeightMatrix& matrix);

}  // namespace rebasis::encode
