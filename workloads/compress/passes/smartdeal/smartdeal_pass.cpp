// The pass "smartdeal": decomposes layers into Ce x B (paper section III).
#include <atomic>

#include "workloads/compress/pass.h"
#include "workloads/compress/smartdeal/decompose.h"
#include "workloads/compress/smartdeal/given.h"
#include "workloads/compress/smartdeal/layout.h"

namespace rebasis::compress {
namespace {

/// Bytes of the encoded weights: what leave_if_larger compares.
std::uint64_t encoded_bytes(const encode::SmartDealForm& form) {
  const encode::EncodedCoefficients encoded = encode::encode(form);
  return encoded.row_index.size() + encoded.element_index.size() + encoded.coefficients.size() +
         encoded.code_lengths.size() + 4 * encoded.filter_bits.size() + form.basis.size() + form.basis_shift.size();
}

std::uint64_t int8_bytes(const LayerShape& shape) {
  return static_cast<std::uint64_t>(shape.weights()) + sizeof(float) * static_cast<std::uint64_t>(shape.M);
}

/// Zero coefficients and zero coefficient rows over all, padding included.
void measure_coefficients(const encode::SmartDealForm& form, std::map<std::string, double>& statistics) {
  const std::size_t n = static_cast<std::size_t>(form.info.n);
  double zeros = 0, zero_rows = 0;
  for (std::size_t first = 0; first < form.coefficients.size(); first += n) {
    std::size_t row_zeros = 0;
    for (std::size_t k = first; k < first + n; ++k) row_zeros += form.coefficients[k] == 0 ? 1 : 0;
    zeros += static_cast<double>(row_zeros);
    zero_rows += row_zeros == n ? 1 : 0;
  }
  const double elements = static_cast<double>(form.coefficients.size());
  statistics["coefficient_sparsity"] = zeros / elements;
  statistics["coefficient_row_sparsity"] = zero_rows * static_cast<double>(n) / elements;
}

class SmartDealPass : public Pass {
 public:
  explicit SmartDealPass(const PassConfig& config) : options_(config, smartdeal::resolve) {}

  void apply(Model& model, const PassContext& context) const override {
    const std::vector<smartdeal::Options> options = options_.of(model);
    double total = 0;
    for (const Layer& layer : model.layers) total += static_cast<double>(layer.shape.weights());
    double done = 0;
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      Layer& layer = model.layers[i];
      if (layer.encoded()) continue;
      PassContext part = context;
      const double share = static_cast<double>(layer.shape.weights()) / total;
      if (context.progress)
        part.progress = [&, done](double fraction, std::string_view step) {
          context.progress(done + share * fraction, step);
        };
      apply(layer, options[i], part);
      done += share;
      if (context.progress) context.progress(done, layer.name);
    }
  }

 private:
  static void apply(Layer& layer, const smartdeal::Options& options, const PassContext& context) {
    if (const auto reason = smartdeal::reason_to_leave(layer.shape, options, layer.first)) {
      layer.note = *reason;
      return;
    }
    if (layer.factors && options.factors == "given") {
      take_over(layer, options);
      return;
    }
    std::atomic<std::int64_t> filters_done{0};
    const auto filter_done = [&] {
      const double fraction = static_cast<double>(++filters_done) / static_cast<double>(layer.shape.M);
      if (context.progress) context.progress(fraction, layer.name);
    };
    smartdeal::Decomposition result = smartdeal::decompose(layer.name, layer.shape, layer.weights, options,
                                                           context.evolution != nullptr, filter_done);
    if (options.leave_if_larger && encoded_bytes(result.form) >= int8_bytes(layer.shape)) {
      layer.note = "its SmartDeal form is not smaller than 8-bit weights";
      return;
    }
    measure_coefficients(result.form, layer.statistics);
    layer.statistics["smartdeal_iterations"] = result.mean_iterations;
    layer.statistics["exponents"] = static_cast<double>(result.form.info.exponents.size());
    layer.smartdeal = std::move(result.form);
    if (context.evolution != nullptr) context.evolution->push_back(std::move(*result.evolution));
  }

  /// The form that the network was trained in.
  static void take_over(Layer& layer, const smartdeal::Options& options) {
    if (layer.pruned) {
      fail_input(
          "layer '" + layer.name +
          "': a pass before smartdeal pruned weights that the file gives as Ce x B; write factors: new, or drop it");
    }
    layer.smartdeal =
        smartdeal::form_of(layer.name, layer.shape, *layer.factors, smartdeal::layout(layer.shape, options));
    measure_coefficients(*layer.smartdeal, layer.statistics);
    layer.statistics["exponents"] = static_cast<double>(layer.smartdeal->info.exponents.size());
  }

  LayerOptions<smartdeal::Options> options_;
};

const PassRegistration registration("smartdeal", "sparse power-of-two coefficients times a small basis",
                                    [](const PassConfig& config) { return std::make_unique<SmartDealPass>(config); });

}  // namespace
}  // namespace rebasis::compress
