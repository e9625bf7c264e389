#include "workloads/compress/quantise/quantiser.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "workloads/compress/finite_weights.h"

namespace rebasis::compress {
namespace {

using Weights = std::span<const float>;

/// Codebook and scale of a filter, or of a layer.
struct Code {
  Codebook codebook;
  float scale = 1.0F;
};

/// The weights from `low` <= 0 to `high` >= 0 are represented.
struct Range {
  float low = 0, high = 0;
};

Range largest_range(Weights weights) {
  Range range;
  for (const float weight : weights) {
    range.low = std::min(range.low, weight);
    range.high = std::max(range.high, weight);
  }
  return range;
}

/// The `percentile` by nearest rank of the positive values, 0 when there are none.
float percentile_of(std::vector<float> values, double percentile) {
  if (values.empty()) return 0;
  const double rank = std::ceil(percentile / 100 * static_cast<double>(values.size()));
  const auto index = static_cast<std::ptrdiff_t>(std::max(rank, 1.0)) - 1;
  std::nth_element(values.begin(), values.begin() + index, values.end());
  return values[static_cast<std::size_t>(index)];
}

/// Asymmetric: of the positive and of the negative weights each.
Range percentile_range(Weights weights, double percentile, bool symmetric) {
  std::vector<float> negative, positive;
  for (const float weight : weights) {
    if (weight != 0) (symmetric || weight > 0 ? positive : negative).push_back(std::abs(weight));
  }
  return {-percentile_of(std::move(negative), percentile), percentile_of(std::move(positive), percentile)};
}

float usable(float scale) { return std::max(scale, std::numeric_limits<float>::min()); }

Code code_for(const Range& range, const QuantiserOptions& options) {
  if (options.asymmetric_bits == 0) {
    const float largest = std::max(-range.low, range.high);
    return {options.codebook, usable(largest / static_cast<float>(options.codebook.highest()))};
  }
  const int steps = (1 << options.asymmetric_bits) - 1;
  const float scale = usable(range.high / static_cast<float>(steps) - range.low / static_cast<float>(steps));
  const int zero_point = std::clamp(static_cast<int>(std::nearbyint(-range.low / scale)), 0, steps);
  return {Codebook::uniform(-zero_point, steps - zero_point), scale};
}

double squared_error(Weights weights, const Code& code, Rounding rounding) {
  double error = 0;
  for (const float weight : weights) {
    const double rebuilt = static_cast<double>(code.scale) * code.codebook.code(weight / code.scale, rounding);
    error += (static_cast<double>(weight) - rebuilt) * (static_cast<double>(weight) - rebuilt);
  }
  return error;
}

/// The scale of least squares for the codes that `code` gives; kept when the codes of the new scale are no worse.
Code refined(Weights weights, const Code& code, Rounding rounding) {
  double products = 0, squares = 0;
  for (const float weight : weights) {
    const double integer = code.codebook.code(weight / code.scale, rounding);
    products += integer * static_cast<double>(weight);
    squares += integer * integer;
  }
  if (products <= 0) return code;
  const Code better{code.codebook, usable(static_cast<float>(products / squares))};
  return squared_error(weights, better, rounding) <= squared_error(weights, code, rounding) ? better : code;
}

Code least_squares_code(Weights weights, const QuantiserOptions& options) {
  constexpr int ranges = 100;
  const Range whole = largest_range(weights);
  std::optional<Code> best;
  double least = 0;
  for (int part = ranges; part > 0; --part) {
    const float fraction = static_cast<float>(part) / static_cast<float>(ranges);
    const Code code = code_for({whole.low * fraction, whole.high * fraction}, options);
    const double error = squared_error(weights, code, options.rounding);
    if (best && error >= least) continue;
    best = code;
    least = error;
  }
  return refined(weights, *best, options.rounding);
}

Code fitted(Weights weights, const QuantiserOptions& options) {
  switch (options.range) {
    case RangeMethod::percentile:
      return code_for(percentile_range(weights, options.percentile, options.asymmetric_bits == 0), options);
    case RangeMethod::mse:
      return least_squares_code(weights, options);
    case RangeMethod::max:
      break;
  }
  return code_for(largest_range(weights), options);
}

bool all_zero(Weights weights) {
  return std::all_of(weights.begin(), weights.end(), [](float weight) { return weight == 0.0F; });
}

/// Bits of a weight's code. Zeros among binary weights need a code of their own.
int bits_of(const Int8Form& form, const QuantiserOptions& options) {
  if (options.asymmetric_bits > 0) return options.asymmetric_bits;
  const int bits = options.codebook.bits();
  const bool zeros = std::find(form.weights.begin(), form.weights.end(), 0) != form.weights.end();
  return bits == 1 && zeros ? 2 : bits;
}

}  // namespace

Int8Form quantise(const Layer& layer, const QuantiserOptions& options) {
  require_finite(layer);
  const auto filters = static_cast<std::size_t>(layer.shape.M);
  const std::size_t filter_weights = layer.weights.size() / filters;
  const std::size_t part = options.shared_scale ? layer.weights.size() : filter_weights;
  Int8Form form{.weights = std::vector<std::int8_t>(layer.weights.size()), .scales = {}};
  for (std::size_t first = 0; first < layer.weights.size(); first += part) {
    const Weights weights = Weights(layer.weights).subspan(first, part);
    const Code code = all_zero(weights) ? Code{options.codebook} : fitted(weights, options);
    for (std::size_t i = 0; i < part; ++i) {
      const int integer = code.codebook.code(weights[i] / code.scale, options.rounding);
      form.weights[first + i] = static_cast<std::int8_t>(integer);
    }
    form.scales.insert(form.scales.end(), part / filter_weights, code.scale);
  }
  form.shared_scale = options.shared_scale && filters > 1;
  form.zero_points = options.asymmetric_bits == 0 ? 0 : options.shared_scale ? 1 : layer.shape.M;
  form.bits = bits_of(form, options);
  return form;
}

Int8Form quantise_int8(const Layer& layer, int bits) {
  return quantise(layer, {.codebook = Codebook::symmetric(bits)});
}

}  // namespace rebasis::compress
