// Algorithm 1: exact recovery, constraints, degenerate cases, layouts, threads.
#include "workloads/compress/smartdeal/decompose.h"

#include <doctest/doctest.h>
#include <tbb/global_control.h>

#include <cmath>
#include <limits>
#include <random>

#include "../../support/errors.h"
#include "workloads/compress/smartdeal/layout.h"
#include "workloads/compress/smartdeal/least_squares.h"
#include "workloads/compress/smartdeal/power_of_two.h"
#include "workloads/compress/smartdeal/row_sparsity.h"

using namespace rebasis;
using namespace rebasis::compress::smartdeal;

namespace {

LayerShape conv(std::int64_t filters, std::int64_t channels, std::int64_t rows, std::int64_t columns) {
  LayerShape shape;
  shape.M = filters;
  shape.C = channels;
  shape.R = rows;
  shape.S = columns;
  shape.H = shape.W = 16;
  return shape;
}

std::vector<float> gaussian(const LayerShape& shape, unsigned seed = 1) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0.0F, 0.05F);
  std::vector<float> weights(static_cast<std::size_t>(shape.weights()));
  for (float& weight : weights) weight = normal(generator);
  return weights;
}

Options options(std::initializer_list<const char*> entries = {}) {
  arch::RawConfig config;
  for (const char* entry : entries) config.set(entry);
  return resolve(config);
}

std::vector<double> rebuilt(const Decomposition& result, const LayerShape& shape) {
  const auto integers = encode::rebuild(result.form, shape);
  const auto units = encode::weight_units(result.form);
  const std::size_t filter = integers.size() / units.size();
  std::vector<double> weights(integers.size());
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = integers[i] * units[i / filter];
  return weights;
}

double relative_error(const std::vector<double>& a, const std::vector<float>& b) {
  double error = 0, norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    error += (a[i] - static_cast<double>(b[i])) * (a[i] - static_cast<double>(b[i]));
    norm += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return std::sqrt(error / norm);
}

bool same(const Decomposition& a, const Decomposition& b) {
  return a.form.coefficients == b.form.coefficients && a.form.basis == b.form.basis &&
         a.form.basis_shift == b.form.basis_shift && a.form.info.exponents == b.form.info.exponents &&
         a.relative_error == b.relative_error;
}

}  // namespace

TEST_CASE("rounding to a power of two: nearest by distance, ties to the smaller") {
  const PowerOfTwoSet set({-2, -1, 0, 1}, Rounding::linear);
  const auto rounded = [&](double value) { return set.value(set.nearest(value)); };
  CHECK(rounded(1.5) == 1.0);
  CHECK(rounded(1.5000001) == 2.0);
  CHECK(rounded(-0.74) == -0.5);
  CHECK(rounded(-0.76) == -1.0);
  CHECK(rounded(100.0) == 2.0);   // cut at the largest
  CHECK(rounded(0.126) == 0.25);  // nearer to 2^-2 than to 0
  CHECK(rounded(0.125) == 0.0);
  CHECK(rounded(0.0) == 0.0);
  const PowerOfTwoSet ratio({-2, -1, 0, 1}, Rounding::logarithmic);
  CHECK(ratio.value(ratio.nearest(1.42)) == 2.0);
  CHECK(ratio.value(ratio.nearest(1.41)) == 1.0);
  const PowerOfTwoSet gap({-4, 0}, Rounding::linear);
  CHECK(gap.value(gap.nearest(0.5)) == 0.0625);  // the middle is 0.53125
  CHECK(gap.value(gap.nearest(0.54)) == 1.0);
}

TEST_CASE("a filter that is a power-of-two matrix times a basis is found exactly") {
  // Ce has columns of norm 1 whose elements are powers of two: 64 rows with +-2^-3 each. B is diagonal, so that the
  // start B = I is right up to the norms.
  const LayerShape shape = conv(1, 64, 1, 3);
  std::vector<float> weights;
  for (int row = 0; row < 64; ++row) {
    for (int column = 0; column < 3; ++column)
      weights.push_back(((row >> column) & 1) != 0 ? 0.125F * static_cast<float>(column + 1)
                                                   : -0.125F * static_cast<float>(column + 1));
  }
  const Decomposition result = decompose("exact", shape, weights, options());
  CHECK(result.relative_error == doctest::Approx(0).epsilon(1e-12));
  CHECK(relative_error(rebuilt(result, shape), weights) < 1e-12);
  CHECK(result.form.info.exponents == std::vector<int>{-3});
}

TEST_CASE("the error that is reported is that of the rebuilt weights") {
  for (const LayerShape& shape :
       {conv(5, 20, 3, 3), conv(4, 50, 1, 1), conv(3, 3, 7, 7), conv(2, 6, 5, 3), conv(2, 4, 11, 11)}) {
    const auto weights = gaussian(shape);
    const Decomposition result = decompose("layer", shape, weights, options());
    CHECK(result.relative_error == doctest::Approx(relative_error(rebuilt(result, shape), weights)).epsilon(1e-6));
    CHECK(result.relative_error < 0.25);
  }
}

TEST_CASE("constraints hold: P, N_p, threshold, budgets") {
  const LayerShape shape = conv(8, 40, 3, 3);
  const auto weights = gaussian(shape);
  for (const char* limit : {"max_exponents=1", "max_exponents=3", "max_exponents=8"}) {
    const Decomposition result = decompose("layer", shape, weights, options({limit}));
    CHECK(result.form.info.exponents.size() <=
          static_cast<std::size_t>(limit[std::string_view(limit).size() - 1] - '0'));
    for (const auto c : result.form.coefficients)
      REQUIRE(std::abs(c) <= static_cast<int>(result.form.info.exponents.size()));
  }
  const Decomposition fixed = decompose("layer", shape, weights, options({"exponents=[-6, -3, -2]"}));
  for (const int exponent : fixed.form.info.exponents) CHECK((exponent == -6 || exponent == -3 || exponent == -2));

  const auto zero_rows = [](const Decomposition& result, std::size_t m) {
    std::size_t zeros = 0;
    for (std::size_t i = 0; i < 120; ++i) {
      const auto* row = result.form.coefficients.data() + (m * 120 + i) * 3;
      zeros += row[0] == 0 && row[1] == 0 && row[2] == 0 ? 1 : 0;
    }
    return zeros;
  };
  const Decomposition filter =
      decompose("layer", shape, weights, options({"vector_ratio=0.35", "vector_scope=filter"}));
  for (std::size_t m = 0; m < 8; ++m) CHECK(zero_rows(filter, m) >= 42);
  const Decomposition layer = decompose("layer", shape, weights, options({"vector_ratio=0.35"}));
  std::size_t all = 0;
  for (std::size_t m = 0; m < 8; ++m) all += zero_rows(layer, m);
  CHECK(all >= 336);
  const Decomposition group =
      decompose("layer", shape, weights, options({"vector_ratio=0.35", "vector_scope=group", "group_size=4"}));
  for (std::size_t i = 0; i < 120; ++i) {  // the rows of a group of four are zero together
    for (std::size_t m = 1; m < 4; ++m) {
      const auto empty = [&](std::size_t f) {
        const auto* row = group.form.coefficients.data() + (f * 120 + i) * 3;
        return row[0] == 0 && row[1] == 0 && row[2] == 0;
      };
      if (zero_rows(group, 0) == 42 && zero_rows(group, m) == 42) CHECK(empty(0) == empty(m));
    }
  }
  CHECK(decompose("layer", shape, weights, options({"vector_ratio=1"})).relative_error == doctest::Approx(1));
}

TEST_CASE("budgets round in favour of the hardware") {
  CHECK(rows_to_zero(10, 0.3) == 3);
  CHECK(rows_to_zero(3, 0.2) == 1);
  CHECK(rows_to_zero(3, 0.0) == 0);
  CHECK(rows_to_zero(7, 1.0) == 7);
}

TEST_CASE("more sparsity costs error, more powers save it") {
  const LayerShape shape = conv(6, 64, 3, 3);
  const auto weights = gaussian(shape);
  const auto error = [&](std::initializer_list<const char*> entries) {
    return decompose("layer", shape, weights, options(entries)).relative_error;
  };
  CHECK(error({"threshold=0.01"}) < error({"threshold=0.05"}));
  CHECK(error({"threshold=0.05"}) < error({"threshold=0.1"}));
  CHECK(error({"max_exponents=8"}) < error({"max_exponents=2"}));
  CHECK(error({"vector_ratio=0.2"}) < error({"vector_ratio=0.5"}));
  CHECK(error({"max_iterations=30"}) < error({"max_iterations=0"}));
}

TEST_CASE("the fit of B cannot be beaten by a nearby B, and a zero column keeps its basis row") {
  std::mt19937 generator(3);
  std::normal_distribution<double> normal;
  Matrix<3> gram{}, moment{};
  std::vector<Row<3>> coefficients(20), weights(20);
  for (std::size_t i = 0; i < 20; ++i) {
    for (std::size_t k = 0; k < 3; ++k) {
      coefficients[i][k] = k == 1 ? 0.0 : normal(generator);
      weights[i][k] = normal(generator);
    }
    for (std::size_t k = 0; k < 3; ++k) {
      for (std::size_t j = 0; j < 3; ++j) {
        gram[k][j] += coefficients[i][k] * coefficients[i][j];
        moment[k][j] += coefficients[i][k] * weights[i][j];
      }
    }
  }
  const auto error = [&](const Matrix<3>& basis) {
    double sum = 0;
    for (std::size_t i = 0; i < 20; ++i) {
      const Row<3> product = times<3>(coefficients[i], basis);
      for (std::size_t k = 0; k < 3; ++k) sum += (weights[i][k] - product[k]) * (weights[i][k] - product[k]);
    }
    return sum;
  };
  Matrix<3> previous = identity<3>();
  previous[1] = {0.25, 4.0, -1.0};
  const Matrix<3> fitted = fit_basis<3>(gram, moment, previous);
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(fitted[1][k] == doctest::Approx(previous[1][k]));
    for (std::size_t j = 0; j < 3; ++j) {
      for (const double step : {-1e-3, 1e-3}) {
        Matrix<3> nearby = fitted;
        nearby[k][j] += step;
        CHECK(error(nearby) >= error(fitted) - 1e-12);
      }
    }
  }
}

TEST_CASE("degenerate filters: all zero, one channel, huge, tiny, rank one") {
  const LayerShape shape = conv(1, 8, 3, 3);
  const std::vector<float> zeros(72, 0.0F);
  const Decomposition none = decompose("zero", shape, zeros, options());
  CHECK(none.relative_error == 0.0);
  CHECK(none.form.info.exponents.size() == 1);
  for (const auto coefficient : none.form.coefficients) CHECK(coefficient == 0);

  for (const float scale : {1e30F, 1e-30F, 1e-42F}) {
    std::vector<float> weights = gaussian(shape);
    for (float& weight : weights) weight *= scale;
    const Decomposition result = decompose("scaled", shape, weights, options());
    CHECK(result.relative_error < (scale < 1e-40F ? 1.01 : 0.3));
  }
  std::vector<float> rank_one(72);
  for (std::size_t i = 0; i < 72; ++i) rank_one[i] = static_cast<float>(i / 3 + 1) * 0.01F;  // equal columns
  CHECK(decompose("rank one", shape, rank_one, options()).relative_error < 0.3);
  std::vector<float> lone(72, 0.0F);
  lone[40] = 0.3F;
  CHECK(decompose("lone", shape, lone, options()).relative_error < 0.01);
  CHECK(decompose("one channel", conv(2, 1, 3, 3), gaussian(conv(2, 1, 3, 3)), options()).relative_error < 0.3);
}

TEST_CASE("NaN and infinity are refused with their place") {
  const LayerShape shape = conv(2, 4, 3, 3);
  auto weights = gaussian(shape);
  weights[17] = std::numeric_limits<float>::quiet_NaN();
  const auto message = test::bad_input([&] { (void)decompose("conv7", shape, weights, options()); });
  CHECK(message.find("conv7") != std::string::npos);
  CHECK(message.find("17") != std::string::npos);
  weights[17] = std::numeric_limits<float>::infinity();
  CHECK(test::bad_input([&] { (void)decompose("conv7", shape, weights, options()); }) != "(no error)");
}

TEST_CASE("the result does not depend on the number of threads") {
  for (const LayerShape& shape : {conv(37, 20, 3, 3), conv(64, 200, 1, 1)}) {
    const auto weights = gaussian(shape);
    for (const auto& [variant, scope] :
         {std::pair{"variant=paper", "vector_scope=filter"}, {"variant=code-rows", "vector_scope=group"}}) {
      std::optional<Decomposition> one;
      for (const std::size_t threads : {1, 2, 8}) {
        const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
        Decomposition result = decompose("layer", shape, weights, options({variant, scope, "vector_ratio=0.1"}), true);
        if (!one)
          one = std::move(result);
        else
          CHECK((same(*one, result) && one->evolution->error == result.evolution->error));
      }
    }
  }
}

TEST_CASE("slices follow the rules of the paper and the authors' code") {
  const Options defaults = options();
  const auto slices = [&](const LayerShape& shape) { return layout(shape, defaults).slice_rows; };
  CHECK(slices(conv(1, 64, 3, 3)) == std::vector<std::int64_t>{192});
  CHECK(slices(conv(1, 512, 3, 3)) == std::vector<std::int64_t>(8, 192));
  CHECK(slices(conv(1, 65, 3, 3)) == std::vector<std::int64_t>{99, 96});
  CHECK(slices(conv(1, 576, 1, 1)) == std::vector<std::int64_t>{192});
  CHECK(slices(conv(1, 1024, 1, 1)) == std::vector<std::int64_t>(2, 171));
  CHECK(slices(conv(1, 4096, 1, 1)) == std::vector<std::int64_t>{171, 171, 171, 171, 171, 171, 170, 170});
  CHECK(layout(conv(1, 10, 1, 1), defaults).rows == 4);
  CHECK(layout(conv(1, 3, 7, 7), defaults).n == 7);
  CHECK(layout(conv(1, 3, 5, 3), defaults).rows == 15);
}

TEST_CASE("layers are left alone for a reason") {
  LayerShape depthwise = conv(16, 16, 3, 3);
  depthwise.groups = 16;
  CHECK(reason_to_leave(depthwise, options(), false)->find("depthwise") != std::string::npos);
  CHECK_FALSE(reason_to_leave(depthwise, options({"leave_depthwise=false"}), false));
  CHECK_FALSE(reason_to_leave(conv(8, 8, 3, 3), options(), true));
  CHECK(reason_to_leave(conv(8, 8, 3, 3), options({"leave_first=true"}), true));
  CHECK(reason_to_leave(conv(8, 8, 7, 1), options(), false));
  CHECK(reason_to_leave(conv(8, 8, 13, 13), options(), false));
  CHECK_FALSE(reason_to_leave(conv(8, 8, 11, 11), options(), false));
  CHECK(reason_to_leave(conv(8, 8, 11, 11), options({"variant=code"}), false));
}

TEST_CASE("evolution has the shape of figure 11: the error drops again while the sparsity stays") {
  const LayerShape shape = conv(1, 64, 3, 3);  // 192 x 3, as in appendix A
  const auto weights = gaussian(shape);
  const Decomposition result = decompose("block", shape, weights, options({"threshold=0.05"}), true);
  const Evolution& e = *result.evolution;
  REQUIRE(e.error.size() > 5);
  CHECK(e.error[0] == 0.0);
  CHECK(e.distance[0] == 0.0);
  CHECK(e.sparsity[2] > e.sparsity[0] + 0.2);
  CHECK(e.error.back() < e.error[2]);
  CHECK(e.sparsity.back() > 0.8 * e.sparsity[2]);
  CHECK(e.distance.back() > e.distance[1]);
  CHECK(e.error.back() == doctest::Approx(result.relative_error).epsilon(1e-9));
  CHECK(to_csv({&e, 1}).find("\"block\",0,0,0,0\n") != std::string::npos);
  CHECK(to_json({&e, 1}).find("\"basis_distance\"") != std::string::npos);
  CHECK(to_svg({&e, 1}).find("</svg>") != std::string::npos);
  CHECK(test::bad_input([] { check_evolution_path("x.pdf"); }).find(".svg") != std::string::npos);
}
