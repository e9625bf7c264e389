#include "workloads/encode/coders/coder.h"

#include "common/error.h"

namespace rebasis::encode {

std::uint64_t CodedMatrix::total_bits() const {
  std::uint64_t total = 0;
  for (const auto& part : bits) total += part.second;
  return total;
}

std::size_t check_shape(const MatrixShape& shape) {
  if (shape.bits < 1 || shape.bits > 16)
    fail_input("a matrix of values of " + std::to_string(shape.bits) + " bits; 1 to 16 are coded");
  if (shape.rows < 0 || shape.columns < 0 || (shape.columns > 0 && shape.rows > max_matrix_values / shape.columns)) {
    fail_input("a matrix of " + std::to_string(shape.rows) + " x " + std::to_string(shape.columns) +
               " values; at most " + std::to_string(max_matrix_values) + " are coded");
  }
  return static_cast<std::size_t>(shape.rows * shape.columns);
}

void check_matrix(const WeightMatrix& matrix) {
  if (matrix.values.size() != check_shape(shape_of(matrix))) {
    fail_input("a matrix of " + std::to_string(matrix.rows) + " x " + std::to_string(matrix.columns) + " has " +
               std::to_string(matrix.values.size()) + " values");
  }
  const std::int32_t end = 1 << (matrix.bits - 1);
  for (const std::int32_t value : matrix.values) {
    if (value < -end || value >= end) {
      fail_input("the value " + std::to_string(value) + " does not fit the matrix's " + std::to_string(matrix.bits) +
                 " bits");
    }
  }
}

}  // namespace rebasis::encode
