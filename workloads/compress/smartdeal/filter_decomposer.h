// Algorithm 1 of the paper for the slices of one filter, with n columns known at compile time.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "workloads/compress/smartdeal/evolution.h"
#include "workloads/compress/smartdeal/fixed_point.h"
#include "workloads/compress/smartdeal/least_squares.h"
#include "workloads/compress/smartdeal/options.h"
#include "workloads/compress/smartdeal/power_of_two.h"
#include "workloads/compress/smartdeal/row_sparsity.h"
#include "workloads/trace/trace.h"

namespace rebasis::compress::smartdeal {

/// Where the result of one filter goes.
struct FilterOutput {
  std::span<encode::Coefficient> coefficients;  ///< [rows][n]
  std::span<std::int8_t> basis;                 ///< [slices][n][n]
  std::int8_t shift = 0;
  double squared_error = 0;  ///< ||W - Ce B||_F^2
  std::int64_t iterations = 0;
};

/// Decomposes one filter after another with the same buffers; one object a thread.
template <std::size_t N>
class FilterDecomposer {
 public:
  FilterDecomposer(const Options& options, const PowerOfTwoSet& powers, const trace::SmartDealInfo& info)
      : options_(options),
        powers_(powers),
        in_weight_scale_(options.threshold_scale == "weight"),
        row_limit_(info.rows_are_kernel_rows ? options.row_threshold * options.threshold : 0.0),
        compete_(options.vector_ratio > 0 && options.vector_scope == "filter") {
    std::size_t first = 0;
    for (const std::int64_t rows : info.slice_rows) {
      slices_.push_back({first, first + static_cast<std::size_t>(rows)});
      first += static_cast<std::size_t>(rows);
    }
    weights_.resize(first);
    fitted_.resize(first);
    codes_.resize(first);
    scores_.resize(first);
  }

  /// `weights`: the filter [C/groups][R][S], at most rows * n values; the rest is zero padding. `dead_rows` marks rows
  /// of Ce that stay zero (empty: none). `history` may be null.
  void run(std::span<const float> weights, std::span<const std::uint8_t> dead_rows, FilterOutput& out,
           FilterHistory* history) {
    initialise(weights, dead_rows);
    if (history != nullptr) history->start(weights, weights_.size() * N, slices_.size());
    std::int64_t iteration = 0;
    for (; iteration < options_.max_iterations; ++iteration) {
      const double change = quantise();
      fit_basis_of_slices(options_.quantise_basis_in_loop);
      if (history != nullptr) record(*history);
      if (iteration > 0 && change <= options_.tolerance) break;
      for (Slice& slice : slices_) fit_coefficients(slice);
      sparsify(dead_rows);
    }
    quantise();
    for (Slice& slice : slices_)
      slice.basis = {};  // nothing comes after: where Ce leaves B open, the smallest B rounds best
    const int shift = fit_basis_of_slices(true);
    if (history != nullptr) record(*history);
    store(out, shift);
    out.iterations = iteration;
  }

 private:
  struct Slice {
    std::size_t first = 0, end = 0;  ///< rows
    Matrix<N> basis = identity<N>();
    Matrix<N> gram{};    ///< Ce^T Ce
    Matrix<N> moment{};  ///< Ce^T W
    Row<N> column_scale{};
  };

  void initialise(std::span<const float> weights, std::span<const std::uint8_t> dead_rows) {
    real_elements_ = weights.size();
    for (std::size_t index = 0; index < weights_.size() * N; ++index) {
      weights_[index / N][index % N] = index < weights.size() ? static_cast<double>(weights[index]) : 0.0;
    }
    fitted_ = weights_;
    for (Slice& slice : slices_) {
      slice = Slice{slice.first, slice.end};
      slice.column_scale.fill(1);
    }
    for (auto& codes : codes_) codes.fill(0);
    zero_rows(dead_rows);
  }

  /// Step 1 and the sums that the fit of B needs. Returns ||Ce - previous Ce||_F.
  double quantise() {
    double change = 0;
    for (Slice& slice : slices_) {
      if (options_.normalise) normalise(slice);
      change += quantise(slice);
      if (options_.column_scale) measure_column_scale(slice);
    }
    return std::sqrt(change);
  }

  void normalise(Slice& slice) {
    Row<N> factor{};
    for (std::size_t i = slice.first; i < slice.end; ++i) {
      for (std::size_t k = 0; k < N; ++k) factor[k] += fitted_[i][k] * fitted_[i][k];
    }
    for (std::size_t k = 0; k < N; ++k) {
      const double norm = factor[k] > 0 ? std::sqrt(factor[k]) : 1.0;
      for (double& element : slice.basis[k]) element *= norm;
      factor[k] = 1 / norm;
    }
    for (std::size_t i = slice.first; i < slice.end; ++i) {
      for (std::size_t k = 0; k < N; ++k) fitted_[i][k] *= factor[k];
    }
  }

  /// Rounds the slice; codes_ holds the result, and fitted_ too unless a column scale has yet to be measured from it.
  double quantise(Slice& slice) {
    double change = 0;
    slice.gram = {};
    slice.moment = {};
    rounding_ = {};
    count_ = {};
    for (std::size_t i = slice.first; i < slice.end; ++i) {
      Row<N> value;
      for (std::size_t k = 0; k < N; ++k) {
        const encode::Coefficient code = powers_.nearest(fitted_[i][k]);
        value[k] = powers_.value(code);
        const double difference = value[k] - powers_.value(codes_[i][k]);
        change += difference * difference;
        codes_[i][k] = code;
        if (options_.column_scale && code != 0) {
          rounding_[k] += std::log2(fitted_[i][k] / value[k]);
          count_[k] += 1;
        }
      }
      fitted_[i] = value;
      for (std::size_t k = 0; k < N; ++k) {
        for (std::size_t j = 0; j < N; ++j) {
          slice.gram[k][j] += value[k] * value[j];
          slice.moment[k][j] += value[k] * weights_[i][j];
        }
      }
    }
    return change;
  }

  void measure_column_scale(Slice& slice) {
    for (std::size_t k = 0; k < N; ++k)
      slice.column_scale[k] = count_[k] > 0 ? std::exp2(rounding_[k] / count_[k]) : 1.0;
  }

  /// Step 2, first half. Returns the fraction bits of B: rows that no coefficient uses do not count for them.
  int fit_basis_of_slices(bool to_fixed_point) {
    double largest = 0;
    for (Slice& slice : slices_) {
      slice.basis = fit_basis<N>(slice.gram, slice.moment, slice.basis);
      for (std::size_t k = 0; k < N; ++k) {
        if (slice.gram[k][k] == 0) continue;
        for (const double element : slice.basis[k]) largest = std::max(largest, std::abs(element));
      }
    }
    const int shift = fraction_bits(largest);
    if (!to_fixed_point) return shift;
    const double up = std::ldexp(1.0, shift), down = std::ldexp(1.0, -shift);
    for (Slice& slice : slices_) {
      for (auto& row : slice.basis) {
        for (double& element : row) element = to_code(element * up) * down;
      }
    }
    return shift;
  }

  /// Step 2, second half.
  void fit_coefficients(Slice& slice) {
    const CoefficientFit<N> fit(slice.basis);
    for (std::size_t i = slice.first; i < slice.end; ++i) fitted_[i] = fit.row(weights_[i], fitted_[i]);
    if (!options_.column_scale) return;
    for (std::size_t k = 0; k < N; ++k) {
      for (std::size_t i = slice.first; i < slice.end; ++i) fitted_[i][k] *= slice.column_scale[k];
      for (double& element : slice.basis[k]) element /= slice.column_scale[k];
    }
  }

  /// Step 3.
  void sparsify(std::span<const std::uint8_t> dead_rows) {
    for (const Slice& slice : slices_) {
      const Row<N> norm = basis_norms(slice);
      Row<N> scale;
      for (std::size_t k = 0; k < N; ++k) scale[k] = in_weight_scale_ && options_.normalise ? norm[k] : 1.0;
      for (std::size_t i = slice.first; i < slice.end; ++i) {
        double row_norm = 0, score = 0;
        for (std::size_t k = 0; k < N; ++k) {
          const double magnitude = std::abs(fitted_[i][k]) * scale[k];
          row_norm += magnitude;
          if (magnitude < options_.threshold) fitted_[i][k] = 0;
          score += std::abs(fitted_[i][k]) * norm[k];
        }
        scores_[i] = score;
        if (row_norm < row_limit_) zero_row(i);
      }
    }
    zero_rows(dead_rows);
    if (!compete_) return;
    for (const std::size_t i : smallest_rows(scores_, rows_to_zero(scores_.size(), options_.vector_ratio))) zero_row(i);
  }

  /// Norms of the rows of B: what an element of 1 in Ce's columns stands for in the scale of the weights.
  static Row<N> basis_norms(const Slice& slice) {
    Row<N> norm;
    for (std::size_t k = 0; k < N; ++k) {
      norm[k] =
          std::sqrt(std::inner_product(slice.basis[k].begin(), slice.basis[k].end(), slice.basis[k].begin(), 0.0));
    }
    return norm;
  }

  void zero_row(std::size_t i) {
    fitted_[i].fill(0);
    scores_[i] = 0;
  }
  void zero_rows(std::span<const std::uint8_t> dead_rows) {
    for (std::size_t i = 0; i < dead_rows.size(); ++i) {
      if (dead_rows[i] != 0) zero_row(i);
    }
  }

  /// Of the filter's own weights, without the padding. With the quantised Ce in fitted_.
  [[nodiscard]] double squared_error() const {
    double error = 0;
    for (const Slice& slice : slices_) {
      for (std::size_t i = slice.first; i < slice.end; ++i) {
        const Row<N> rebuilt = times<N>(fitted_[i], slice.basis);
        for (std::size_t k = 0; k < N && i * N + k < real_elements_; ++k) {
          error += (weights_[i][k] - rebuilt[k]) * (weights_[i][k] - rebuilt[k]);
        }
      }
    }
    return error;
  }

  void record(FilterHistory& history) const {
    double distance = 0;
    for (const Slice& slice : slices_) {
      double squares = 0;
      const Row<N> norm = basis_norms(slice);
      for (std::size_t k = 0; k < N; ++k) {
        const double scale = options_.normalise && norm[k] > 0 ? norm[k] : 1.0;
        for (std::size_t j = 0; j < N; ++j) {
          const double difference = slice.basis[k][j] / scale - (k == j ? 1.0 : 0.0);
          squares += difference * difference;
        }
      }
      distance += std::sqrt(squares);
    }
    std::uint64_t zeros = 0;
    for (const auto& codes : codes_) zeros += static_cast<std::uint64_t>(std::count(codes.begin(), codes.end(), 0));
    history.add(squared_error(), zeros, distance);
  }

  void store(FilterOutput& out, int shift) const {
    auto coefficient = out.coefficients.begin();
    for (const auto& codes : codes_) coefficient = std::copy(codes.begin(), codes.end(), coefficient);
    auto basis = out.basis.begin();
    for (const Slice& slice : slices_) {
      for (std::size_t k = 0; k < N; ++k) {
        const double used = slice.gram[k][k] > 0 ? 1.0 : 0.0;  // a row that no coefficient uses is stored as zero
        for (const double element : slice.basis[k])
          *basis++ = static_cast<std::int8_t>(used * to_code(std::ldexp(element, shift)));
      }
    }
    out.shift = static_cast<std::int8_t>(shift);
    out.squared_error = squared_error();
  }

  const Options& options_;
  const PowerOfTwoSet& powers_;
  bool in_weight_scale_;
  double row_limit_;
  bool compete_;
  std::size_t real_elements_ = 0;  ///< weights of the filter; behind them lies padding
  std::vector<Slice> slices_;
  std::vector<Row<N>> weights_;                            ///< W, [rows]
  std::vector<Row<N>> fitted_;                             ///< Ce, [rows]
  std::vector<std::array<encode::Coefficient, N>> codes_;  ///< quantised Ce, [rows]
  std::vector<double> scores_;                             ///< of each row, for vector sparsity
  Row<N> rounding_{}, count_{};  ///< log2 rounding errors of a slice's columns, and their number
};

}  // namespace rebasis::compress::smartdeal
