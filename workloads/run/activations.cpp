#include "workloads/run/activations.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "workloads/booth.h"

namespace rebasis::run {
namespace {

int largest_code(const trace::ActivationInfo& info) { return (1 << (info.is_signed ? info.bits - 1 : info.bits)) - 1; }
int smallest_code(const trace::ActivationInfo& info) { return info.is_signed ? -(1 << (info.bits - 1)) : 0; }

/// Magnitudes seen at a layer's input, counted in equal steps up to a maximum that doubles when it is exceeded, so that
/// one run over the inputs finds a percentile to within 1/4096 of the maximum.
class MagnitudeHistogram {
 public:
  void add(const std::vector<float>& values) {
    for (const float value : values) {
      const double magnitude = std::abs(static_cast<double>(value));
      maximum_ = std::max(maximum_, magnitude);
      minimum_value_ = std::min(minimum_value_, static_cast<double>(value));
      if (magnitude > limit_) widen(magnitude);
      ++counts_[std::min(static_cast<std::size_t>(magnitude / limit_ * steps), steps - 1)];
      ++total_;
    }
  }

  [[nodiscard]] double maximum() const { return maximum_; }
  [[nodiscard]] double minimum_value() const { return minimum_value_; }

  /// Magnitude that `percent` of the values do not exceed.
  [[nodiscard]] double percentile(double percent) const {
    if (percent >= 100) return maximum_;
    const double wanted = percent / 100 * static_cast<double>(total_);
    double seen = 0;
    for (std::size_t step = 0; step < steps; ++step) {
      seen += static_cast<double>(counts_[step]);
      if (seen >= wanted) return std::min(maximum_, limit_ * static_cast<double>(step + 1) / steps);
    }
    return maximum_;
  }

 private:
  static constexpr std::size_t steps = 8192;

  void widen(double magnitude) {
    while (limit_ < magnitude) {
      for (std::size_t step = 0; step < steps / 2; ++step) counts_[step] = counts_[2 * step] + counts_[2 * step + 1];
      std::fill(counts_.begin() + steps / 2, counts_.end(), 0);
      limit_ *= 2;
    }
  }

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(steps);
  double limit_ = std::ldexp(1.0, -30);
  double maximum_ = 0;
  double minimum_value_ = std::numeric_limits<double>::infinity();
  std::uint64_t total_ = 0;
};

void check_options(const ActivationOptions& options) {
  if (options.unsigned_bits < 1 || options.unsigned_bits > 16 || options.signed_bits < 2 || options.signed_bits > 16)
    fail_input("activations have up to 16 bits, at least 2 when signed");
  if (!(options.percentile > 0 && options.percentile <= 100))
    fail_input("the calibration percentile must be above 0 and at most 100");
}

}  // namespace

std::map<std::string, trace::ActivationInfo> calibrate(const Executor& executor, const Tensor<float>& inputs,
                                                       const ActivationOptions& options, const RunHooks& hooks) {
  check_options(options);
  std::map<std::string, MagnitudeHistogram> histograms;
  RunHooks observing = hooks;
  observing.on_input = [&](const graph::WeightLayer& layer, const Tensor<float>& input) {
    for (std::size_t i = 0; i < input.values.size(); ++i) {
      if (!std::isfinite(input.values[i])) {
        fail_input("the input of layer " + layer.name + " is NaN or infinite; the network overflows on these inputs");
      }
    }
    histograms[layer.name].add(input.values);
    if (hooks.on_input) hooks.on_input(layer, input);
  };
  static_cast<void>(executor.run_all(inputs, observing, options.batch_size));
  std::map<std::string, trace::ActivationInfo> calibrated;
  for (const auto& [layer, histogram] : histograms) {
    trace::ActivationInfo info;
    info.is_signed = histogram.minimum_value() < 0;
    info.bits = info.is_signed ? options.signed_bits : options.unsigned_bits;
    const double reach = histogram.percentile(options.percentile);
    info.scale = reach > 0 ? static_cast<float>(reach / largest_code(info)) : 1.0;
    if (!(info.scale > 0)) info.scale = 1.0;  // denormal inputs
    calibrated[layer] = info;
  }
  return calibrated;
}

std::map<std::string, Quantisation> quantisations(const std::map<std::string, trace::ActivationInfo>& calibrated) {
  std::map<std::string, Quantisation> result;
  for (const auto& [layer, info] : calibrated)
    result[layer] = {static_cast<float>(info.scale), info.is_signed, info.bits};
  return result;
}

Tensor<std::int32_t> quantise(const Tensor<float>& values, const trace::ActivationInfo& info) {
  Tensor<std::int32_t> codes(values.shape);
  const auto scale = static_cast<float>(info.scale);
  const auto lowest = static_cast<float>(smallest_code(info));
  const auto highest = static_cast<float>(largest_code(info));
  for (std::size_t i = 0; i < codes.values.size(); ++i) {
    const float code = std::nearbyint(values.values[i] / scale);  // half to even, the mode programs start in
    codes.values[i] = static_cast<std::int32_t>(std::clamp(code, lowest, highest));
  }
  return codes;
}

std::map<std::string, QuantisedActivations> quantised_activations(
    const Executor& executor, const Tensor<float>& inputs,
    const std::map<std::string, trace::ActivationInfo>& calibrated, const RunHooks& hooks, std::int64_t batch_size) {
  std::map<std::string, QuantisedActivations> result;
  RunHooks quantising = hooks;
  quantising.quantisation = quantisations(calibrated);
  quantising.on_input = [&](const graph::WeightLayer& layer, const Tensor<float>& input) {
    QuantisedActivations& activations = result[layer.name];
    activations.info = calibrated.at(layer.name);
    Tensor<std::int32_t> codes = quantise(input, activations.info);
    if (activations.codes.shape.empty()) {
      activations.codes = std::move(codes);
    } else {
      activations.codes.shape[0] += codes.shape[0];
      activations.codes.values.insert(activations.codes.values.end(), codes.values.begin(), codes.values.end());
    }
    if (hooks.on_input) hooks.on_input(layer, input);
  };
  static_cast<void>(executor.run_all(inputs, quantising, batch_size));
  return result;
}

void SparsityCounter::add(const Tensor<std::int32_t>& codes) {
  const auto row_length = static_cast<std::size_t>(codes.shape.empty() ? 1 : codes.shape.back());
  for (std::size_t begin = 0; begin < codes.values.size(); begin += row_length) {
    bool empty_row = true;
    for (std::size_t i = begin; i < begin + row_length; ++i) {
      const int code = codes.values[i];
      zeros_ += code == 0 ? 1U : 0U;
      empty_row = empty_row && code == 0;
      one_bits_ += static_cast<unsigned>(std::popcount(static_cast<unsigned>(code) & (wide() ? 0xFFFFU : 0xFFU)));
      if (!wide()) digits_ += static_cast<unsigned>(booth_digits(code));
    }
    ++rows_;
    zero_rows_ += empty_row ? 1U : 0U;
  }
  values_ += codes.values.size();
}

std::map<std::string, double> SparsityCounter::fractions() const {
  const int digits_each = info_.is_signed || info_.bits < 8 ? booth_digits_signed : booth_digits_unsigned;
  const double count = std::max(static_cast<double>(values_), 1.0);
  std::map<std::string, double> result{
      {"activation_value_sparsity", static_cast<double>(zeros_) / count},
      {"activation_row_sparsity", static_cast<double>(zero_rows_) / std::max(static_cast<double>(rows_), 1.0)},
      {"activation_bit_sparsity", 1 - static_cast<double>(one_bits_) / ((wide() ? 16 : 8) * count)}};
  if (!wide()) result["activation_booth_sparsity"] = 1 - static_cast<double>(digits_) / (digits_each * count);
  return result;
}

std::map<std::string, double> sparsity(const Tensor<std::int32_t>& codes, const trace::ActivationInfo& info) {
  SparsityCounter counter(info);
  counter.add(codes);
  return counter.fractions();
}

std::map<std::string, std::map<std::string, double>> activation_sparsity(
    const Executor& executor, const Tensor<float>& inputs,
    const std::map<std::string, trace::ActivationInfo>& calibrated, const RunHooks& hooks, std::int64_t batch_size) {
  std::map<std::string, SparsityCounter> counters;
  RunHooks counting = hooks;
  counting.quantisation = quantisations(calibrated);
  counting.on_input = [&](const graph::WeightLayer& layer, const Tensor<float>& input) {
    const trace::ActivationInfo& info = calibrated.at(layer.name);
    counters.try_emplace(layer.name, info).first->second.add(quantise(input, info));
    if (hooks.on_input) hooks.on_input(layer, input);
  };
  static_cast<void>(executor.run_all(inputs, counting, batch_size));
  std::map<std::string, std::map<std::string, double>> result;
  for (const auto& [layer, counter] : counters) result[layer] = counter.fractions();
  return result;
}

}  // namespace rebasis::run
