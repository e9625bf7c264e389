#include "workloads/layer_list/quantise.h"

#include <algorithm>
#include <cmath>

namespace rebasis::layer_list {
namespace {

constexpr double largest_code = 127;

double largest_magnitude(const float* begin, std::size_t count) {
  double largest = 0;
  for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(static_cast<double>(begin[i])));
  return largest;
}

std::int8_t to_code(double scaled) {
  return static_cast<std::int8_t>(std::clamp(std::nearbyint(scaled), -largest_code, largest_code));
}

}  // namespace

QuantisedWeights quantise_weights(const Tensor<float>& weights, std::vector<float> scale) {
  const auto filters = static_cast<std::size_t>(weights.shape.at(0));
  const std::size_t filter_size = weights.values.size() / filters;
  if (scale.empty()) {
    for (std::size_t m = 0; m < filters; ++m) {
      const double largest = largest_magnitude(weights.values.data() + m * filter_size, filter_size);
      scale.push_back(largest > 0 ? static_cast<float>(largest / largest_code) : 1.0F);
    }
  }
  QuantisedWeights result{{}, std::move(scale)};
  for (std::size_t i = 0; i < weights.values.size(); ++i) {
    const double unit = result.scale[i / filter_size];
    result.values.push_back(unit > 0 ? to_code(weights.values[i] / unit) : std::int8_t{0});
  }
  return result;
}

template <class Code>
std::vector<Code> quantise_activations(const Tensor<float>& activations, double scale, int low, int high) {
  std::vector<Code> codes;
  codes.reserve(activations.values.size());
  for (const float value : activations.values) {
    codes.push_back(static_cast<Code>(std::clamp<double>(std::nearbyint(value / scale), low, high)));
  }
  return codes;
}
template std::vector<std::int8_t> quantise_activations(const Tensor<float>&, double, int, int);
template std::vector<std::uint8_t> quantise_activations(const Tensor<float>&, double, int, int);
template std::vector<std::int16_t> quantise_activations(const Tensor<float>&, double, int, int);
template std::vector<std::uint16_t> quantise_activations(const Tensor<float>&, double, int, int);

QuantisedBasis quantise_basis(const Tensor<float>& basis) {
  const auto filters = static_cast<std::size_t>(basis.shape.at(0));
  const std::size_t filter_size = basis.values.size() / filters;
  QuantisedBasis result;
  for (std::size_t m = 0; m < filters; ++m) {
    const float* begin = basis.values.data() + m * filter_size;
    const double largest = largest_magnitude(begin, filter_size);
    int shift = 0;
    if (largest > 0) {
      shift = 6 - std::ilogb(largest);  // 64 <= largest * 2^shift < 128
      if (std::nearbyint(std::ldexp(largest, shift)) > largest_code) --shift;
      shift = std::clamp(shift, -128, 127);
    }
    result.shift.push_back(static_cast<std::int8_t>(shift));
    for (std::size_t i = 0; i < filter_size; ++i)
      result.values.push_back(to_code(std::ldexp(static_cast<double>(begin[i]), shift)));
  }
  return result;
}

}  // namespace rebasis::layer_list
