// Invariants of Algorithm 1 on random layers and options.
#include "workloads/compress/smartdeal/decompose.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <random>

#include "workloads/compress/smartdeal/row_sparsity.h"

using namespace rebasis;
using namespace rebasis::compress::smartdeal;

namespace {

struct Case {
  LayerShape shape;
  std::vector<float> weights;
  Options options;
};

Case random_case() {
  Case c;
  const bool pointwise = *rc::gen::arbitrary<bool>();
  c.shape.M = *rc::gen::inRange(1, 5);
  c.shape.C = *rc::gen::inRange(1, 40);
  c.shape.S = pointwise ? 1 : *rc::gen::inRange(2, 6);
  c.shape.R = pointwise ? 1 : *rc::gen::inRange(1, 6);
  std::mt19937 random(*rc::gen::arbitrary<unsigned>());
  std::normal_distribution<float> normal(0.0F, 0.1F);
  const unsigned zero_in = *rc::gen::inRange(1U, 6U);  // pruned inputs: a share of zeros
  for (std::int64_t i = 0; i < c.shape.weights(); ++i)
    c.weights.push_back(random() % zero_in == 1 ? 0.0F : normal(random));
  arch::RawConfig config;
  config.set("threshold=" + std::to_string(*rc::gen::inRange(0, 100) * 1e-3));
  config.set("max_exponents=" + std::to_string(*rc::gen::inRange(0, 9)));
  config.set("vector_ratio=" + std::to_string(*rc::gen::inRange(0, 11) * 0.1));
  config.set(std::string("vector_scope=") + *rc::gen::element("filter", "layer", "group"));
  config.set(std::string("variant=") + *rc::gen::element("paper", "code", "code-rows"));
  config.set(std::string("rounding=") + *rc::gen::element("linear", "log"));
  config.set("max_slice_rows=" + std::to_string(*rc::gen::inRange(4, 40)));
  c.options = resolve(config);
  return c;
}

}  // namespace

TEST_CASE("the form holds its constraints, and its error is that of its weights and at most that of no weights") {
  CHECK(rc::check([] {
    const Case c = random_case();
    const Decomposition result = decompose("layer", c.shape, c.weights, c.options);
    const encode::SmartDealForm& form = result.form;
    encode::check_layout(form.info, c.shape, "layer");
    const std::size_t powers = form.info.exponents.size();
    RC_ASSERT(c.options.max_exponents == 0 || powers <= static_cast<std::size_t>(c.options.max_exponents));
    std::size_t zero_rows = 0;
    const std::size_t n = static_cast<std::size_t>(form.info.n);
    for (std::size_t first = 0; first < form.coefficients.size(); first += n) {
      bool zero = true;
      for (std::size_t k = first; k < first + n; ++k) {
        RC_ASSERT(static_cast<std::size_t>(std::abs(form.coefficients[k])) <= powers);
        zero = zero && form.coefficients[k] == 0;
      }
      zero_rows += zero ? 1 : 0;
    }
    const std::size_t rows = static_cast<std::size_t>(form.info.rows), filters = static_cast<std::size_t>(c.shape.M);
    const double ratio = c.options.vector_ratio;
    const std::size_t budget =
        c.options.vector_scope == "layer" ? rows_to_zero(rows * filters, ratio) : filters * rows_to_zero(rows, ratio);
    RC_ASSERT(zero_rows >= budget);

    const auto integers = encode::rebuild(form, c.shape);
    const auto units = encode::weight_units(form);
    double error = 0, norm = 0;
    for (std::size_t i = 0; i < integers.size(); ++i) {
      const double weight = static_cast<double>(c.weights[i]);
      const double difference = integers[i] * units[i / (integers.size() / filters)] - weight;
      error += difference * difference;
      norm += weight * weight;
    }
    if (norm > 0) {
      RC_ASSERT(std::abs(std::sqrt(error / norm) - result.relative_error) < 1e-6);
      // B is a least-squares fit, so that it cannot be worse than B = 0, but for its rounding to 8 bits.
      RC_ASSERT(result.relative_error <= 1.02);
    }
  }));
}

TEST_CASE("scaling a layer by a power of two scales its form") {
  CHECK(rc::check([] {
    Case c = random_case();
    RC_PRE(c.options.threshold_scale == "coefficient");
    const Decomposition a = decompose("layer", c.shape, c.weights, c.options);
    for (float& weight : c.weights) weight *= 1024.0F;
    const Decomposition b = decompose("layer", c.shape, c.weights, c.options);
    RC_ASSERT(a.form.coefficients == b.form.coefficients);
    RC_ASSERT(a.form.basis == b.form.basis);
    RC_ASSERT(a.form.info.exponents == b.form.info.exponents);
  }));
}
