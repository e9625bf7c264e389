// "sd_training": training in SmartDeal form without dense weights (SmartDeal paper, section IV and appendix D). The
// zeros of Ce stay, its other elements move from one power of two to the next by the signs of their gradients, B is
// trained by the optimiser.
#include <algorithm>
#include <optional>

#include "arch/parameter.h"
#include "workloads/train/method.h"
#include "workloads/train/methods/project_network.h"
#include "workloads/train/methods/sd_training_costs.h"

namespace rebasis::train {
namespace {

struct Options {
  std::string recipe;
  double gradient_threshold = 0;
  std::int64_t counter_threshold = 0;
  std::string direction;
  bool through_zero = true;
  double switch_until = 1;
  [[nodiscard]] SwitchRule rule() const {
    return {gradient_threshold, counter_threshold, direction == "descent", through_zero};
  }
};

Options resolve(const arch::RawConfig& config) {
  arch::ParameterSet<Options> set;
  set.text("recipe", &Options::recipe, "smartdeal",
           "Compression recipe that gives Ce and B at first; layers that it leaves alone train as usual.",
           "SmartDeal paper, appendix E-A");
  set.real("gradient_threshold", &Options::gradient_threshold, 5e-3, 0, 1e9, "",
           "theta_g: gradients of Ce with a smaller magnitude count as zero.", "SmartDeal paper, appendix E-B");
  set.integer("counter_threshold", &Options::counter_threshold, 7, 1, 127, "",
              "theta_c: sum of signs at which an element moves by one bucket.", "SmartDeal paper, appendix E-B");
  set.choice("direction", &Options::direction, "descent", {"descent", "text"},
             "Values move against the gradient, or magnitudes move with it, as the paper's text has it.", "decision");
  set.boolean("through_zero", &Options::through_zero, true,
              "The bucket below the smallest power is zero, then the other sign; false: signs and non-zeros stay.",
              "SmartDeal paper, IV: updated to either zero or non-zero");
  set.real("switch_until", &Options::switch_until, 1, 0, 1, "",
           "Share of the epochs in which elements move; B alone is trained in the rest.", "decision");
  set.require({"direction", "through_zero"},
              "direction: text says nothing about elements that are zero; set through_zero: false",
              [](const Options& o) { return o.direction == "descent" || !o.through_zero; });
  return set.resolve(config);
}

class SdTraining : public Method {
 public:
  explicit SdTraining(const arch::RawConfig& config)
      : options_(resolve(config)), recipe_(compress::Recipe::load(options_.recipe)) {}

  void begin(TrainableNetwork& network) override {
    const CompressedNetwork compressed(network, recipe_);
    layers_.resize(network.layers().size());
    bool any = false;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const compress::Layer* const layer = compressed.layer(i);
      if (layer == nullptr || !layer->smartdeal || shares_weights(network, i)) continue;
      layers_[i].emplace(*layer, compressed.fold_scale(i));
      any = true;
    }
    if (!any) fail_input("sd_training: the recipe " + options_.recipe + " brings no layer into SmartDeal form");
  }

  void begin_epoch(TrainableNetwork&, std::int64_t epoch, std::int64_t epochs) override {
    moved_ = 0;
    moving_ = static_cast<double>(epoch) < options_.switch_until * static_cast<double>(epochs);
  }

  [[nodiscard]] at::Tensor apply(std::size_t layer, const at::Tensor& filters) const override {
    return layers_[layer] ? layers_[layer]->weights() : filters;
  }

  void after_backward(TrainableNetwork&, const Moment&) override {
    for (auto& layer : layers_) {
      if (layer && moving_) moved_ += layer->move(options_.rule());
    }
  }

  [[nodiscard]] MethodRole role() const override { return MethodRole::quantises; }
  [[nodiscard]] bool replaces(std::size_t layer) const override { return layers_[layer].has_value(); }

  [[nodiscard]] std::vector<at::Tensor> parameters() const override {
    std::vector<at::Tensor> parameters;
    for (const auto& layer : layers_) {
      if (layer) parameters.push_back(layer->basis());
    }
    return parameters;
  }

  [[nodiscard]] std::vector<at::Tensor> observed() const override {
    std::vector<at::Tensor> observed;
    for (const auto& layer : layers_) {
      if (layer) observed.push_back(layer->coefficients());
    }
    return observed;
  }
  void restored() override {
    for (auto& layer : layers_) {
      if (layer) layer->refresh();
    }
  }

  [[nodiscard]] std::optional<Factors> factors(std::size_t layer) const override {
    return layers_[layer] ? std::optional(layers_[layer]->factors()) : std::nullopt;
  }

  /// sd/switched: moves in the epoch over the elements that may move; sd/nonzeros: share of all elements of Ce; then
  /// training_costs().
  [[nodiscard]] std::map<std::string, double> metrics(const TrainableNetwork& network) const override {
    double nonzeros = 0, elements = 0, trainable = 0;
    std::vector<const SdLayer*> layers;
    for (const auto& layer : layers_) {
      layers.push_back(layer ? &*layer : nullptr);
      if (!layer) continue;
      nonzeros += layer->buckets().codes.ne(0).sum().item<double>();
      elements += static_cast<double>(layer->buckets().codes.numel());
      trainable += static_cast<double>(layer->trainable());
    }
    std::map<std::string, double> metrics = training_costs(network, layers, options_.rule());
    metrics["sd/switched"] = trainable > 0 ? static_cast<double>(moved_) / trainable : 0;
    metrics["sd/nonzeros"] = nonzeros / elements;
    return metrics;
  }

  [[nodiscard]] std::vector<at::Tensor> state() const override {
    std::vector<at::Tensor> state;
    for (const auto& layer : layers_) {
      if (!layer) continue;
      const Buckets& buckets = layer->buckets();
      state.insert(state.end(), {buckets.codes, buckets.mask, buckets.counter});
    }
    return state;
  }

 private:
  static bool shares_weights(const TrainableNetwork& network, std::size_t layer) {
    const std::vector<TrainedLayer>& layers = network.layers();
    return std::count_if(layers.begin(), layers.end(),
                         [&](const TrainedLayer& other) { return other.parameter == layers[layer].parameter; }) > 1;
  }

  Options options_;
  compress::Recipe recipe_;
  std::vector<std::optional<SdLayer>> layers_;  ///< of each layer of the network; empty: trained as usual
  std::int64_t moved_ = 0;                      ///< in this epoch
  bool moving_ = true;
};

const MethodRegistration registration("sd_training", "power-of-two coefficients and a basis, without dense weights",
                                      [](const arch::RawConfig& config) {
                                        return std::make_unique<SdTraining>(config);
                                      });

}  // namespace
}  // namespace rebasis::train
