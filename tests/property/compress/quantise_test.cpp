// Quantisers against their definitions: codes in range, errors within their bounds, zeros that stay zero, sums of
// powers that are sums of powers, and no scale of a search that is better than the one found.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "../../support/dice.h"
#include "../../support/errors.h"
#include "workloads/compress/quantise/quantiser.h"

using namespace rebasis;
using namespace rebasis::compress;

namespace {

Layer random_layer(test::Dice& dice, double zeros = 0.1) {
  Layer layer;
  layer.name = "layer";
  layer.op = "conv";
  layer.shape = {.M = dice.between(1, 6), .C = dice.between(1, 12), .R = 3, .S = 3};
  std::mt19937 generator(static_cast<unsigned>(dice.between(1, 1 << 30)));
  std::normal_distribution<float> normal(dice.chance(0.5) ? 0.05F : 0.0F, 0.1F);
  layer.weights.resize(static_cast<std::size_t>(layer.shape.weights()));
  for (float& weight : layer.weights) weight = dice.chance(zeros) ? 0.0F : normal(generator);
  return layer;
}

QuantiserOptions random_options(test::Dice& dice) {
  QuantiserOptions options;
  const std::int64_t kind = dice.between(0, 2);
  if (kind == 0) options.codebook = Codebook::symmetric(static_cast<int>(dice.between(1, 8)));
  if (kind == 1) options.asymmetric_bits = static_cast<int>(dice.between(2, 7));
  if (kind == 2) {
    const auto terms = static_cast<int>(dice.between(1, 3)), powers = static_cast<int>(dice.between(1, 7));
    options.codebook = Codebook::sums_of_powers(terms, powers);
  }
  options.shared_scale = dice.chance(0.3);
  options.range = dice.pick<RangeMethod>({RangeMethod::max, RangeMethod::percentile, RangeMethod::mse});
  options.rounding = dice.chance(0.2) ? Rounding::truncate : Rounding::nearest;
  return options;
}

double squared_error(const Layer& layer, const Int8Form& form) {
  const std::size_t filter = layer.weights.size() / form.scales.size();
  double error = 0;
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    const double rebuilt = static_cast<double>(form.scales[i / filter]) * form.weights[i];
    error += std::pow(static_cast<double>(layer.weights[i]) - rebuilt, 2);
  }
  return error;
}

/// Whether `value` is a sum of at most `terms` signed powers 2^0 .. 2^(powers - 1), by trying all.
bool is_sum(int value, int terms, int powers) {
  if (value == 0) return true;
  if (terms == 0) return false;
  for (int power = 0; power < powers; ++power) {
    if (is_sum(value - (1 << power), terms - 1, powers) || is_sum(value + (1 << power), terms - 1, powers)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("codes have the bits they say, zeros stay zero, scales are one a filter or one for all") {
  test::Dice dice(21);
  for (int round = 0; round < 300; ++round) {
    const Layer layer = random_layer(dice);
    const QuantiserOptions options = random_options(dice);
    const Int8Form form = quantise(layer, options);
    const auto filters = static_cast<std::size_t>(layer.shape.M);
    REQUIRE(form.scales.size() == filters);
    if (options.shared_scale) CHECK(std::set<float>(form.scales.begin(), form.scales.end()).size() == 1);
    CHECK(form.shared_scale == (options.shared_scale && filters > 1));
    const std::size_t part = options.shared_scale ? form.weights.size() : form.weights.size() / filters;
    for (std::size_t first = 0; first < form.weights.size(); first += part) {
      const auto [low, high] = std::minmax_element(form.weights.begin() + static_cast<std::ptrdiff_t>(first),
                                                   form.weights.begin() + static_cast<std::ptrdiff_t>(first + part));
      if (options.asymmetric_bits > 0) {
        CHECK(*high - *low < 1 << options.asymmetric_bits);  // codes less one zero point
        CHECK(form.bits == options.asymmetric_bits);
      }
    }
    if (options.asymmetric_bits == 0) {
      const std::set<std::int8_t> used(form.weights.begin(), form.weights.end());
      CHECK(used.size() <= std::size_t{1} << form.bits);
      for (const int code : used) {
        const auto& all = options.codebook.values();
        CHECK((code == 0 || std::find(all.begin(), all.end(), code) != all.end()));
      }
    }
    for (std::size_t i = 0; i < layer.weights.size(); ++i) {
      if (layer.weights[i] == 0.0F) REQUIRE(form.weights[i] == 0);
    }
  }
}

TEST_CASE("within the range, a weight is at most half a step away, a truncated one less than a step and no larger") {
  test::Dice dice(22);
  for (int round = 0; round < 200; ++round) {
    const Layer layer = random_layer(dice);
    QuantiserOptions options = random_options(dice);
    options.range = RangeMethod::max;
    const int bits = static_cast<int>(dice.between(2, 7));
    options.codebook = Codebook::symmetric(bits);
    options.asymmetric_bits = dice.chance(0.5) ? bits : 0;
    const Int8Form form = quantise(layer, options);
    const std::size_t filter = layer.weights.size() / form.scales.size();
    // The zero point is rounded, so that an end of an asymmetric range may be cut off by half a step.
    const double slack = options.asymmetric_bits > 0 ? 0.5 : 0;
    for (std::size_t i = 0; i < layer.weights.size(); ++i) {
      const double step = static_cast<double>(form.scales[i / filter]);
      const double weight = static_cast<double>(layer.weights[i]), rebuilt = step * form.weights[i];
      const bool truncates = options.rounding == Rounding::truncate;
      REQUIRE(std::abs(weight - rebuilt) <= step * ((truncates ? 1 : 0.5) + slack) * (1 + 1e-5));
      if (truncates) REQUIRE(std::abs(rebuilt) <= std::abs(weight) * (1 + 1e-5));
    }
  }
}

TEST_CASE("8-bit codes are those of rounding to 127 steps of the largest magnitude of the filter") {
  test::Dice dice(23);
  for (int bits = 2; bits <= 8; ++bits) {
    const Layer layer = random_layer(dice, 0);
    const Int8Form form = quantise_int8(layer, bits);
    const std::size_t filter = layer.weights.size() / form.scales.size();
    const float largest_code = static_cast<float>((1 << (bits - 1)) - 1);
    for (std::size_t m = 0; m < form.scales.size(); ++m) {
      float largest = 0;
      for (std::size_t i = 0; i < filter; ++i) largest = std::max(largest, std::abs(layer.weights[m * filter + i]));
      CHECK(form.scales[m] == largest / largest_code);
      for (std::size_t i = 0; i < filter; ++i)
        REQUIRE(static_cast<float>(form.weights[m * filter + i]) ==
                std::nearbyint(layer.weights[m * filter + i] / form.scales[m]));
    }
  }
}

TEST_CASE("sums of powers are all sums of so many powers within 8 bits, and nothing else") {
  for (int terms = 1; terms <= 3; ++terms) {
    for (int powers = 1; powers <= 7; ++powers) {
      const std::vector<int> values = Codebook::sums_of_powers(terms, powers).values();
      const std::set<int> codes(values.begin(), values.end());
      for (int value = -127; value <= 127; ++value) REQUIRE(codes.contains(value) == is_sum(value, terms, powers));
      CHECK(*codes.begin() >= -127);
      CHECK(*codes.rbegin() <= 127);
    }
  }
  CHECK(Codebook::sums_of_powers(1, 7).bits() == 4);  // 0 and seven powers of either sign
  CHECK(Codebook::sums_of_powers(1, 3).bits() == 3);
}

TEST_CASE("a weight gets the nearest code; between two, the smaller one") {
  test::Dice dice(24);
  const Codebook codes = Codebook::sums_of_powers(2, 7);
  for (int round = 0; round < 2000; ++round) {
    const float x = static_cast<float>(dice.between(-130 * 64, 130 * 64)) / 64.0F;
    const int found = codes.code(x, Rounding::nearest);
    for (const int code : codes.values())
      REQUIRE(std::abs(static_cast<float>(found) - x) <= std::abs(static_cast<float>(code) - x));
    const int cut = codes.code(x, Rounding::truncate);
    REQUIRE(std::abs(static_cast<float>(cut)) <= std::abs(x));
    for (const int code : codes.values()) {
      const bool between = static_cast<float>(code) * x >= 0 && std::abs(code) > std::abs(cut);
      if (between) REQUIRE(std::abs(static_cast<float>(code)) > std::abs(x));
    }
  }
  CHECK(Codebook::sums_of_powers(1, 7).code(3.0F, Rounding::nearest) == 2);
  CHECK(Codebook::sums_of_powers(1, 7).code(-3.0F, Rounding::nearest) == -2);
  CHECK(Codebook::sums_of_powers(1, 7).code(90.0F, Rounding::nearest) == 64);
}

TEST_CASE(
    "least squares is no worse than the whole range or any percentile of a search, and for 1 bit it is the mean") {
  test::Dice dice(25);
  for (int round = 0; round < 60; ++round) {
    const Layer layer = random_layer(dice);
    QuantiserOptions options = random_options(dice);
    options.rounding = Rounding::nearest;
    options.range = RangeMethod::mse;
    const double best = squared_error(layer, quantise(layer, options));
    options.range = RangeMethod::max;
    CHECK(best <= squared_error(layer, quantise(layer, options)) * (1 + 1e-9));
  }
  const Layer layer = random_layer(dice);
  const Int8Form form = quantise(layer, {.codebook = Codebook::symmetric(1), .range = RangeMethod::mse});
  const std::size_t filter = layer.weights.size() / form.scales.size();
  for (std::size_t m = 0; m < form.scales.size(); ++m) {
    double sum = 0, count = 0;
    for (std::size_t i = m * filter; i < (m + 1) * filter; ++i) {
      sum += std::abs(static_cast<double>(layer.weights[i]));
      count += layer.weights[i] != 0.0F ? 1 : 0;
      REQUIRE(form.weights[i] == (layer.weights[i] > 0 ? 1 : layer.weights[i] < 0 ? -1 : 0));
    }
    CHECK(static_cast<double>(form.scales[m]) == doctest::Approx(sum / count));
  }
  CHECK(form.bits == 2);  // pruned weights need a code
  CHECK(quantise(random_layer(dice, 0), {.codebook = Codebook::symmetric(1)}).bits == 1);
}

TEST_CASE("the percentile is the magnitude that the largest code stands for") {
  Layer layer;
  layer.name = "layer";
  layer.shape = {.M = 1, .C = 101};
  layer.weights.assign(101, 0.0F);  // the zero does not count
  for (std::size_t i = 1; i <= 100; ++i)
    layer.weights[i] = static_cast<float>(i % 2 == 0 ? i : -static_cast<double>(i));
  QuantiserOptions options{.range = RangeMethod::percentile, .percentile = 90};
  CHECK(quantise(layer, options).scales[0] == doctest::Approx(90.0F / 127.0F));
  CHECK(quantise(layer, options).weights[100] == 127);
  options.asymmetric_bits = 4;  // of the 50 positive weights 90, of the negative ones -89
  CHECK(quantise(layer, options).scales[0] == doctest::Approx((90.0F + 89.0F) / 15.0F));
}

TEST_CASE("extreme and impossible weights") {
  Layer layer;
  layer.name = "layer";
  layer.shape = {.M = 2, .C = 2};
  layer.weights = {0.0F, 0.0F, 1e-42F, -1e-42F};  // a filter of zeros, and one of denormals
  for (const RangeMethod range : {RangeMethod::max, RangeMethod::percentile, RangeMethod::mse}) {
    const Int8Form form = quantise(layer, {.range = range});
    CHECK(form.scales[0] == 1.0F);
    CHECK(form.scales[1] > 0.0F);
    CHECK(form.weights[0] == 0);
  }
  layer.weights = {1.0F, std::numeric_limits<float>::infinity(), 0.0F, 0.0F};
  const std::string text = test::bad_input([&] { (void)quantise(layer, {}); });
  CHECK(text.find("layer 'layer': weight 1 is inf") != std::string::npos);
}
