// "quantise": weights of few bits in the forward pass, straight-through in the backward pass. Codes and scales are
// those of the pass "quantise" of `rebasis compress`, computed by the same code on the weights as folding the
// batch-norms leaves them, so that compressing the trained network finds the same codes. The step size can be learned
// (LSQ: Esser et al., Learned step size quantization, ICLR 2020).
#include <algorithm>
#include <cmath>
#include <optional>

#include "workloads/compress/quantise/quantiser.h"
#include "workloads/train/layers_left.h"
#include "workloads/train/method.h"
#include "workloads/train/model_view.h"

namespace rebasis::train {
namespace {

struct Options : LayersLeft {
  std::int64_t bits = 8, first_last_bits = 0, terms = 1, powers = 7;
  std::string codes, granularity, range;
  double percentile = 0;
};

Options resolve(const arch::RawConfig& config) {
  arch::ParameterSet<Options> set;
  set.integer("bits", &Options::bits, 8, 1, 8, "", "Bits of a weight's code.", "Succinct paper, Table 2: 8, 4, 2");
  set.integer("first_last_bits", &Options::first_last_bits, 0, 0, 8, "",
              "Bits of the first and the last layer; 0: 8 where the others have at most 4, else theirs.",
              "Esser et al., 2020: 8");
  set.choice("codes", &Options::codes, "symmetric", {"symmetric", "asymmetric", "powers"},
             "On both sides of zero alike, with a zero point in the range of the weights, or sums of powers of two.",
             "decision");
  set.integer("terms", &Options::terms, 1, 1, 4, "", "powers: most signed powers of two that a weight is the sum of.",
              "Li et al., Additive powers-of-two quantization, ICLR 2020");
  set.integer("powers", &Options::powers, 7, 1, 7, "", "powers: neighbouring powers to choose from.",
              "7: all that fit 8 bits");
  set.choice("granularity", &Options::granularity, "channel", {"channel", "tensor"},
             "One scale for each filter, or one for the layer.", "decision");
  set.choice("range", &Options::range, "max", {"max", "percentile", "mse", "learned"},
             "The largest code stands for the largest weight, for a percentile of the weights that are not zero, for "
             "what leaves the least squared error, or for a trained step size times the code.",
             "learned: Esser et al., 2020");
  set.real("percentile", &Options::percentile, 99.9, 50, 100, "", "Of range: percentile.", "decision");
  set.require({"codes", "bits"},
              "asymmetric codes of 8 bits less their zero point take 9 bits, and those of 1 bit are one side of the "
              "weights; write bits: 7, or codes: symmetric",
              [](const Options& o) { return o.codes != "asymmetric" || (o.bits > 1 && o.bits < 8); });
  set.require({"codes", "range"}, "a learned step size has no zero point; write codes: symmetric, or another range",
              [](const Options& o) { return o.codes != "asymmetric" || o.range != "learned"; });
  set.inherit(layers_left_parameters(false, "decision: 8 bits, see first_last_bits"));
  return set.resolve(config);
}

compress::QuantiserOptions quantiser_of(const Options& options, bool end) {
  constexpr int few = 4;
  compress::QuantiserOptions quantiser;
  quantiser.shared_scale = options.granularity == "tensor";
  quantiser.range = options.range == "max"          ? compress::RangeMethod::max
                    : options.range == "percentile" ? compress::RangeMethod::percentile
                                                    : compress::RangeMethod::mse;
  quantiser.percentile = options.percentile;
  const auto powers =
      compress::Codebook::sums_of_powers(static_cast<int>(options.terms), static_cast<int>(options.powers));
  const int bits = options.codes == "powers" ? powers.bits() : static_cast<int>(options.bits);
  if (end && (options.first_last_bits > 0 || bits <= few)) {
    const int end_bits = options.first_last_bits > 0 ? static_cast<int>(options.first_last_bits) : 8;
    quantiser.codebook = compress::Codebook::symmetric(end_bits);
  } else if (options.codes == "asymmetric") {
    quantiser.asymmetric_bits = bits;
  } else {
    quantiser.codebook = options.codes == "powers" ? powers : compress::Codebook::symmetric(bits);
  }
  return quantiser;
}

/// The largest magnitude of each filter [M][1][1][1], or of the layer [1][1][1][1].
at::Tensor largest_of(const at::Tensor& filters, bool shared) {
  const at::Tensor largest = filters.detach().abs().flatten(1).amax(1).view({-1, 1, 1, 1});
  return shared ? largest.amax().view({1, 1, 1, 1}) : largest;
}

class Quantise : public Method {
 public:
  explicit Quantise(const arch::RawConfig& config) : config_(config), options_(resolve(config)) {}
  [[nodiscard]] MethodRole role() const override { return MethodRole::quantises; }

  void begin(TrainableNetwork& network) override {
    network_ = &network;
    shapes_ = shapes_of(network);
    const std::vector<bool> covered = covered_layers(network, options_, config_);
    for (std::size_t i = 0; i < covered.size(); ++i) {
      const TrainedLayer& layer = network.layers()[i];
      quantisers_.emplace_back();
      steps_.emplace_back();
      if (!covered[i] || layer.layer.op == "convtranspose") continue;
      quantisers_[i] = quantiser_of(options_, layer.first || layer.last);
      if (options_.range == "learned") steps_[i] = first_step(i).set_requires_grad(true);
    }
  }

  [[nodiscard]] at::Tensor apply(std::size_t layer, const at::Tensor& filters) const override {
    // Weights that are not finite make a loss that is not finite, which is reported.
    if (!quantisers_[layer] || !at::isfinite(filters).all().item<bool>()) return filters;
    const at::Tensor seen = folded(*network_, layer, filters);
    if (steps_[layer].defined()) return unfolded(*network_, layer, with_step(layer, seen), filters);
    return straight_through(unfolded(*network_, layer, rebuilt(layer, form_of(layer, seen)), filters.detach()),
                            filters);
  }

  void after_step(TrainableNetwork& network, const Moment&) override {
    const at::NoGradGuard no_gradients;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (!steps_[i].defined()) continue;
      const at::Tensor seen = folded(network, i, network.filters(i, network.weights(i)));
      steps_[i].copy_(limited(i, steps_[i] * unit_of(i), seen) / unit_of(i));
    }
  }

  [[nodiscard]] std::vector<at::Tensor> parameters() const override {
    std::vector<at::Tensor> learned;
    std::copy_if(steps_.begin(), steps_.end(), std::back_inserter(learned), [](const auto& s) { return s.defined(); });
    return learned;
  }

 private:
  [[nodiscard]] compress::Int8Form form_of(std::size_t layer, const at::Tensor& filters) const {
    compress::Layer seen = shapes_.layers[layer];
    seen.weights = values_of(filters);
    return compress::quantise(seen, *quantisers_[layer]);
  }

  [[nodiscard]] at::Tensor rebuilt(std::size_t layer, const compress::Int8Form& form) const {
    const LayerShape& shape = shapes_.layers[layer].shape;
    const at::Tensor scales = at::tensor(form.scales).view({shape.M, 1, 1, 1});
    const at::Tensor codes = at::tensor(std::vector<float>(form.weights.begin(), form.weights.end()));
    return scales * codes.view({shape.M, shape.channels_per_group(), shape.R, shape.S});
  }

  /// What folding multiplies the layer's filters by, without sign: steps are learned in the scale of the weights, whose
  /// learning rate they share.
  [[nodiscard]] at::Tensor unit_of(std::size_t layer) const {
    const at::Tensor scales = network_->fold_scales(layer).abs();
    const at::Tensor units = scales.masked_fill(scales.eq(0), 1).view({-1, 1, 1, 1});
    return quantisers_[layer]->shared_scale ? units.mean().view({1, 1, 1, 1}) : units;
  }

  /// A larger step would leave the largest code unused, and `rebasis compress` finds the step from the largest weight.
  /// A much smaller one would clip nearly all weights.
  [[nodiscard]] at::Tensor limited(std::size_t layer, const at::Tensor& step, const at::Tensor& seen) const {
    constexpr double smallest_share = 1.0 / 16;
    const compress::QuantiserOptions& quantiser = *quantisers_[layer];
    const at::Tensor largest = largest_of(seen, quantiser.shared_scale) / quantiser.codebook.highest();
    const at::Tensor limit = largest.masked_fill(largest.eq(0), 1);  // a filter of zeros has any step
    return at::maximum(at::minimum(step.detach(), limit), smallest_share * limit);
  }

  /// The step of the least squared error: the network is trained already.
  [[nodiscard]] at::Tensor first_step(std::size_t layer) const {
    const at::NoGradGuard no_gradients;
    const at::Tensor seen = folded(*network_, layer, network_->filters(layer, network_->weights(layer)));
    const at::Tensor scales = at::tensor(form_of(layer, seen).scales).view({-1, 1, 1, 1});
    return limited(layer, quantisers_[layer]->shared_scale ? scales.narrow(0, 0, 1) : scales, seen) / unit_of(layer);
  }

  /// Esser et al., equations 1 to 3: step x code, whose slope by the step is code - weight/step within the range. Their
  /// gradient scale 1 / sqrt(weights x largest code) makes steps as fast as weights.
  [[nodiscard]] at::Tensor with_step(std::size_t layer, const at::Tensor& seen) const {
    const compress::Codebook& codebook = quantisers_[layer]->codebook;
    const at::Tensor& learned = steps_[layer];
    const double count = static_cast<double>(seen.numel()) / static_cast<double>(learned.numel());
    const double slope = 1 / std::sqrt(count * codebook.highest());
    const at::Tensor value = limited(layer, learned * unit_of(layer), seen);
    const at::Tensor step = straight_through(value, learned * slope * unit_of(layer));
    const at::Tensor scaled = (seen / step).clamp(codebook.lowest(), codebook.highest());
    return step * straight_through(codes_of(codebook, seen.detach() / value), scaled);
  }

  [[nodiscard]] static at::Tensor codes_of(const compress::Codebook& codebook, const at::Tensor& scaled) {
    std::vector<float> codes = values_of(scaled);
    for (float& code : codes) code = static_cast<float>(codebook.code(code, compress::Rounding::nearest));
    return at::tensor(codes).view(scaled.sizes());
  }

  arch::RawConfig config_;
  Options options_;
  const TrainableNetwork* network_ = nullptr;
  compress::Model shapes_;
  std::vector<std::optional<compress::QuantiserOptions>> quantisers_;  ///< of each layer; nothing: left alone
  std::vector<at::Tensor> steps_;  ///< of each filter or layer, over unit_of; undefined: not learned
};

const MethodRegistration registration("quantise", "weights of 1 to 8 bits, or sums of powers of two",
                                      [](const arch::RawConfig& config) { return std::make_unique<Quantise>(config); });

}  // namespace
}  // namespace rebasis::train
