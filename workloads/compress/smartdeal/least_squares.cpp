#include "workloads/compress/smartdeal/least_squares.h"

#include <Eigen/SVD>

namespace rebasis::compress::smartdeal {

void pseudo_invert(std::span<double> matrix, std::size_t n, double tolerance) {
  using Dynamic = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto size = static_cast<Eigen::Index>(n);
  Eigen::Map<Dynamic> values(matrix.data(), size, size);
  Eigen::JacobiSVD<Eigen::MatrixXd> svd(values, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Eigen::VectorXd singular = svd.singularValues();
  Eigen::VectorXd inverse = Eigen::VectorXd::Zero(size);
  for (Eigen::Index k = 0; k < size; ++k) {
    if (singular[k] > 0 && singular[k] > tolerance * singular[0]) inverse[k] = 1 / singular[k];
  }
  values = svd.matrixV() * inverse.asDiagonal() * svd.matrixU().transpose();
}

}  // namespace rebasis::compress::smartdeal
