// The two unconstrained least-squares problems of Algorithm 1, step 2, for n known at compile time. Nothing allocates
// except the rank-deficient cases, which are rare and go through Eigen (least_squares.cpp).
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>

namespace rebasis::compress::smartdeal {

template <std::size_t N>
using Row = std::array<double, N>;
template <std::size_t N>
using Matrix = std::array<Row<N>, N>;

/// Moore-Penrose pseudo-inverse of the n x n row-major `matrix`, in place; singular values below `tolerance` times the
/// largest count as zero.
void pseudo_invert(std::span<double> matrix, std::size_t n, double tolerance);

inline constexpr double gram_tolerance =
    1e-3;  ///< rank decision on Ce^T Ce of unit columns, whose condition is that of Ce squared
inline constexpr double basis_tolerance = 1e-8;  ///< rank decision on B

template <std::size_t N>
[[nodiscard]] constexpr Matrix<N> identity() {
  Matrix<N> result{};
  for (std::size_t k = 0; k < N; ++k) result[k][k] = 1;
  return result;
}

template <std::size_t N>
[[nodiscard]] Row<N> times(const Row<N>& row, const Matrix<N>& matrix) {
  Row<N> result{};
  for (std::size_t k = 0; k < N; ++k) {
    for (std::size_t j = 0; j < N; ++j) result[j] += row[k] * matrix[k][j];
  }
  return result;
}

/// Inverts by Gauss-Jordan elimination with row pivoting. False when a pivot is below `tolerance` times the largest
/// one.
template <std::size_t N>
[[nodiscard]] bool invert(Matrix<N> a, Matrix<N>& inverse, double tolerance) {
  inverse = identity<N>();
  double largest = 0;
  for (std::size_t k = 0; k < N; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < N; ++i) {
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    }
    std::swap(a[k], a[pivot]);
    std::swap(inverse[k], inverse[pivot]);
    const double head = a[k][k];
    largest = std::max(largest, std::abs(head));
    if (!(std::abs(head) > tolerance * largest)) return false;
    for (std::size_t j = 0; j < N; ++j) {
      a[k][j] /= head;
      inverse[k][j] /= head;
    }
    for (std::size_t i = 0; i < N; ++i) {
      const double factor = a[i][k];
      if (i == k || factor == 0) continue;
      for (std::size_t j = 0; j < N; ++j) {
        a[i][j] -= factor * a[k][j];
        inverse[i][j] -= factor * inverse[k][j];
      }
    }
  }
  return true;
}

/// B that minimises ||W - Ce B||_F, from the normal equations gram = Ce^T Ce and moment = Ce^T W. Where Ce does not
/// determine B (an all-zero column, or columns that are nearly dependent once they have unit norm), B stays as near to
/// `previous` as possible: a column that is zero in one iteration keeps its basis row and can come back in the next,
/// and no basis grows so large that its rounding to 8 bits would drown the weights.
template <std::size_t N>
[[nodiscard]] Matrix<N> fit_basis(Matrix<N> gram, Matrix<N> moment, Matrix<N> previous) {
  Row<N> norm;  // of Ce's columns; from here on Ce has unit columns and B's rows carry the norms
  for (std::size_t k = 0; k < N; ++k) norm[k] = gram[k][k] > 0 ? std::sqrt(gram[k][k]) : 1.0;
  for (std::size_t k = 0; k < N; ++k) {
    for (std::size_t j = 0; j < N; ++j) {
      gram[k][j] /= norm[k] * norm[j];
      moment[k][j] /= norm[k];
      previous[k][j] *= norm[k];
    }
  }
  Matrix<N> inverse, result;
  if (invert<N>(gram, inverse, gram_tolerance)) {
    for (std::size_t k = 0; k < N; ++k) result[k] = times<N>(inverse[k], moment);
  } else {
    inverse = gram;
    pseudo_invert(std::span(inverse[0].data(), N * N), N, gram_tolerance);
    Matrix<N> rest;
    for (std::size_t k = 0; k < N; ++k) {
      rest[k] = times<N>(gram[k], previous);
      for (std::size_t j = 0; j < N; ++j) rest[k][j] = moment[k][j] - rest[k][j];
    }
    for (std::size_t k = 0; k < N; ++k) {
      result[k] = times<N>(inverse[k], rest);
      for (std::size_t j = 0; j < N; ++j) result[k][j] += previous[k][j];
    }
  }
  for (std::size_t k = 0; k < N; ++k) {
    for (std::size_t j = 0; j < N; ++j) result[k][j] /= norm[k];
  }
  return result;
}

/// Fits rows of Ce to rows of W for a fixed B: Ce = W B^-1, or, where B is singular, the solution nearest to the
/// present row (a step along the pseudo-inverse of B).
template <std::size_t N>
class CoefficientFit {
 public:
  explicit CoefficientFit(const Matrix<N>& basis) : basis_(basis) {
    regular_ = invert<N>(basis, inverse_, basis_tolerance);
    if (regular_) return;
    inverse_ = basis;
    pseudo_invert(std::span(inverse_[0].data(), N * N), N, basis_tolerance);
  }
  [[nodiscard]] Row<N> row(const Row<N>& weights, const Row<N>& present) const {
    if (regular_) return times<N>(weights, inverse_);
    Row<N> rest = times<N>(present, basis_);
    for (std::size_t k = 0; k < N; ++k) rest[k] = weights[k] - rest[k];
    Row<N> result = times<N>(rest, inverse_);
    for (std::size_t k = 0; k < N; ++k) result[k] += present[k];
    return result;
  }

 private:
  Matrix<N> basis_;
  Matrix<N> inverse_{};
  bool regular_ = false;
};

}  // namespace rebasis::compress::smartdeal
