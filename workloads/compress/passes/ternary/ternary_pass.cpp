// The pass "ternary": weights of -1, 0 and +1 times a scale (Yang's dissertation, equations 2.1 and 2.2).
#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

#include "common/error.h"
#include "workloads/compress/left_alone.h"
#include "workloads/compress/pass.h"

namespace rebasis::compress {
namespace {

constexpr std::int64_t default_group_channels = 16;  // PE-16 of the dissertation's ResNets, section 2.3.2.1

struct TernaryOptions : LeftAlone {
  std::string threshold = "max";
  double ratio = 0;
  std::string scale = "layer";
  std::int64_t group_channels = 0;
};

TernaryOptions resolve(const arch::RawConfig& config) {
  arch::ParameterSet<TernaryOptions> set;
  set.choice("threshold", &TernaryOptions::threshold, "max", {"max", "mean", "least-squares"},
             "Delta: ratio times the largest magnitude, ratio times the mean magnitude, or the Delta that leaves the "
             "least squared error.",
             "max: Yang, 2.1.1; mean: ternary weight networks; least-squares: decision");
  set.real("ratio", &TernaryOptions::ratio, 0, 0, 1e3, "",
           "Factor of max and mean; 0 is the published one, 0.05 and 0.7.", "Yang, 2.1.1; ternary weight networks");
  set.choice("scale", &TernaryOptions::scale, "layer", {"layer", "filter"},
             "Delta and alpha of the layer, or of each filter.", "layer: Yang, 2.1.1, before batch norms are folded");
  set.integer("group_channels", &TernaryOptions::group_channels, 0, 0, 1 << 20, "",
              "C_g of the group index; 0: that of pe_prune, or 16.", "Yang, 2.3.2.1: 16");
  set.boolean("keep_first_last", &TernaryOptions::keep_first_last, true,
              "Leave the network's first and last layer alone (8-bit weights).", "Yang, 2.3.1.1: full precision");
  set.boolean("leave_depthwise", &TernaryOptions::leave_depthwise, true, "Leave depthwise layers alone.", "decision");
  set.boolean("leave", &TernaryOptions::leave, false, "Leave the layer alone (8-bit weights).", "decision");
  return set.resolve(config);
}

/// Magnitudes of the weights that are not zero (a pruned weight is no part of the distribution), largest first.
std::vector<double> magnitudes_of(std::span<const float> weights, const std::string& layer) {
  std::vector<double> magnitudes;
  for (const float weight : weights) {
    if (!std::isfinite(weight))
      fail_input("layer '" + layer + "': a weight is not finite; only finite weights can be compressed");
    if (weight != 0) magnitudes.push_back(std::abs(static_cast<double>(weight)));
  }
  std::sort(magnitudes.begin(), magnitudes.end(), std::greater<>());
  return magnitudes;
}

/// With the k largest magnitudes kept and alpha their mean, ||W - alpha T||^2 = ||W||^2 - (sum of them)^2 / k. The
/// Delta of the best k, the largest magnitude that is dropped.
double least_squares_threshold(const std::vector<double>& magnitudes) {
  double sum = 0, best = -1, threshold = 0;
  for (std::size_t k = 0; k < magnitudes.size(); ++k) {
    sum += magnitudes[k];
    const double next = k + 1 < magnitudes.size() ? magnitudes[k + 1] : 0.0;
    const double gain = sum * sum / static_cast<double>(k + 1);
    if (next == magnitudes[k] || gain <= best) continue;
    best = gain;
    threshold = next;
  }
  return threshold;
}

double threshold_of(const std::vector<double>& magnitudes, const TernaryOptions& options) {
  constexpr double published_max_ratio = 0.05, published_mean_ratio = 0.7;
  if (magnitudes.empty()) return 0;
  if (options.threshold == "least-squares") return least_squares_threshold(magnitudes);
  if (options.threshold == "max") return (options.ratio > 0 ? options.ratio : published_max_ratio) * magnitudes[0];
  double sum = 0;
  for (const double magnitude : magnitudes) sum += magnitude;
  return (options.ratio > 0 ? options.ratio : published_mean_ratio) * sum / static_cast<double>(magnitudes.size());
}

/// Writes the codes of `weights` (equation 2.1) and returns alpha (equation 2.2), 0 when none is kept.
double ternarise(std::span<const float> weights, double threshold, std::span<std::int8_t> codes) {
  double sum = 0, kept = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto weight = static_cast<double>(weights[i]);
    if (std::abs(weight) <= threshold) continue;
    codes[i] = static_cast<std::int8_t>(weight > 0 ? 1 : -1);
    sum += std::abs(weight);
    kept += 1;
  }
  return kept > 0 ? sum / kept : 0;
}

/// Alpha of each filter as the layer's mean times a channel scale. A filter without weights has scale 1, so that its
/// bias can still be written.
void set_scales(encode::TernaryForm& form, const std::vector<double>& alphas) {
  double sum = 0, used = 0;
  for (const double alpha : alphas) {
    sum += alpha;
    used += alpha > 0 ? 1 : 0;
  }
  form.alpha = used > 0 ? static_cast<float>(sum / used) : 1.0F;
  if (alphas.size() == 1) return;
  for (const double alpha : alphas)
    form.channel_scale.push_back(alpha > 0 ? static_cast<float>(alpha / static_cast<double>(form.alpha)) : 1.0F);
}

encode::TernaryForm ternarised(const Layer& layer, const TernaryOptions& options) {
  encode::TernaryForm form;
  form.info.group_channels = options.group_channels > 0 ? options.group_channels
                             : layer.group_channels > 0 ? layer.group_channels
                                                        : default_group_channels;
  form.weights.resize(layer.weights.size());
  const std::size_t parts = options.scale == "filter" ? static_cast<std::size_t>(layer.shape.M) : 1;
  const std::size_t size = layer.weights.size() / parts;
  std::vector<double> alphas;
  for (std::size_t part = 0; part < parts; ++part) {
    const auto weights = std::span(layer.weights).subspan(part * size, size);
    const double threshold = threshold_of(magnitudes_of(weights, layer.name), options);
    alphas.push_back(ternarise(weights, threshold, std::span(form.weights).subspan(part * size, size)));
  }
  set_scales(form, alphas);
  return form;
}

class TernaryPass : public Pass {
 public:
  explicit TernaryPass(const PassConfig& config) : options_(config, resolve) {}

  std::vector<bool> encodes(const Model& model) const override { return not_left_alone(model, options_.of(model)); }

  void apply(Model& model, const PassContext&) const override {
    const std::vector<TernaryOptions> options = options_.of(model);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      Layer& layer = model.layers[i];
      if (layer.encoded()) continue;
      const std::string reason = options[i].reason(model, i);
      if (reason.empty()) {
        layer.ternary = ternarised(layer, options[i]);
        layer.statistics["alpha"] = static_cast<double>(layer.ternary->alpha);
      } else if (!options[i].leave) {
        layer.note = reason;
      }
    }
  }

 private:
  LayerOptions<TernaryOptions> options_;
};

const PassRegistration registration("ternary", "weights of -1, 0 and +1 times a scale",
                                    [](const PassConfig& config) { return std::make_unique<TernaryPass>(config); });

}  // namespace
}  // namespace rebasis::compress
