#include "workloads/compress/smartdeal/decompose.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <cmath>
#include <numeric>
#include <string>

#include "common/error.h"
#include "workloads/compress/smartdeal/filter_decomposer.h"
#include "workloads/compress/smartdeal/layout.h"

namespace rebasis::compress::smartdeal {
namespace {

struct Problem {
  const LayerShape& shape;
  std::span<const float> weights;
  const Options& options;
  const PowerOfTwoSet& powers;
  std::span<const std::uint8_t> dead;  ///< [M][rows] or empty
  const std::function<void()>& filter_done;
};

struct FilterStatistics {
  double squared_error = 0;
  std::int64_t iterations = 0;
};

/// Decomposes all filters into `form`; `history` is empty or has one entry a filter.
template <std::size_t N>
void decompose_filters(const Problem& problem, encode::SmartDealForm& form, std::vector<FilterStatistics>& statistics,
                       std::vector<FilterHistory>& history) {
  const std::size_t filters = static_cast<std::size_t>(form.filters);
  const std::size_t filter_weights = problem.weights.size() / filters;
  const std::size_t rows = static_cast<std::size_t>(form.info.rows);
  const std::size_t basis_size = form.info.slice_rows.size() * N * N;
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, filters), [&](const tbb::blocked_range<std::size_t>& range) {
    FilterDecomposer<N> decomposer(problem.options, problem.powers, form.info);
    for (std::size_t m = range.begin(); m < range.end(); ++m) {
      FilterOutput out{.coefficients = std::span(form.coefficients).subspan(m * rows * N, rows * N),
                       .basis = std::span(form.basis).subspan(m * basis_size, basis_size)};
      const auto dead = problem.dead.empty() ? problem.dead : problem.dead.subspan(m * rows, rows);
      decomposer.run(problem.weights.subspan(m * filter_weights, filter_weights), dead, out,
                     history.empty() ? nullptr : &history[m]);
      form.basis_shift[m] = out.shift;
      statistics[m] = {out.squared_error, out.iterations};
      if (problem.filter_done) problem.filter_done();
    }
  });
}

using DecomposeFilters = void (*)(const Problem&, encode::SmartDealForm&, std::vector<FilterStatistics>&,
                                  std::vector<FilterHistory>&);

/// The instantiation for n columns; layout() and check_layout() allow no others.
DecomposeFilters decompose_filters_of(std::int64_t n) {
  static constexpr DecomposeFilters instances[] = {
      decompose_filters<2>, decompose_filters<3>, decompose_filters<4>, decompose_filters<5>,  decompose_filters<6>,
      decompose_filters<7>, decompose_filters<8>, decompose_filters<9>, decompose_filters<10>, decompose_filters<11>};
  if (n < 2 || n > 11) fail_internal("no SmartDeal decomposition with " + std::to_string(n) + " columns");
  return instances[n - 2];
}

double squared_norm_of(const std::string& layer, std::span<const float> weights) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!std::isfinite(weights[i])) {
      fail_input("layer '" + layer + "': weight " + std::to_string(i) + " is " + std::to_string(weights[i]) +
                 "; only finite weights can be compressed");
    }
    sum += static_cast<double>(weights[i]) * static_cast<double>(weights[i]);
  }
  return sum;
}

}  // namespace

Decomposition decompose(const std::string& layer, const LayerShape& shape, std::span<const float> weights,
                        const Options& options, bool with_evolution, const std::function<void()>& filter_done) {
  if (weights.size() != static_cast<std::size_t>(shape.weights()))
    fail_input("layer '" + layer + "': weights do not match the shape");
  const double norm = squared_norm_of(layer, weights);
  Decomposition result;
  encode::SmartDealForm& form = result.form;
  form.info = layout(shape, options);
  form.info.exponents = choose_exponents(weights, shape.M, form.info, options);
  encode::check_layout(form.info, shape, layer);
  form.filters = shape.M;
  const std::size_t filters = static_cast<std::size_t>(shape.M);
  form.coefficients.assign(filters * static_cast<std::size_t>(form.info.rows * form.info.n), 0);
  form.basis.assign(filters * form.info.slice_rows.size() * static_cast<std::size_t>(form.info.n * form.info.n), 0);
  form.basis_shift.assign(filters, 0);

  const PowerOfTwoSet powers(form.info.exponents, options.rounding == "log" ? Rounding::logarithmic : Rounding::linear);
  const std::vector<std::uint8_t> dead = dead_rows(shape, weights, form.info, options);
  std::vector<FilterStatistics> statistics(filters);
  std::vector<FilterHistory> history(with_evolution ? filters : 0);
  decompose_filters_of(form.info.n)({shape, weights, options, powers, dead, filter_done}, form, statistics, history);
  trim_exponents(form);

  double error = 0, iterations = 0;
  for (const FilterStatistics& filter : statistics) {
    error += filter.squared_error;
    iterations += static_cast<double>(filter.iterations);
  }
  result.relative_error = norm > 0 ? std::sqrt(error / norm) : 0.0;
  result.mean_iterations = iterations / static_cast<double>(filters);
  if (with_evolution) result.evolution = combine(layer, history);
  return result;
}

}  // namespace rebasis::compress::smartdeal
