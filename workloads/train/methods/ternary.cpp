// "ternary": weights of -alpha, 0, +alpha in the forward pass, straight-through in the backward pass (Yang's
// dissertation, equations 2.1 and 2.2).
#include "workloads/train/layers_left.h"
#include "workloads/train/method.h"

namespace rebasis::train {
namespace {

struct Options : LayersLeft {
  std::string rule;
  double threshold = 0;
};

Options resolve(const arch::RawConfig& config) {
  arch::ParameterSet<Options> set;
  set.choice("rule", &Options::rule, "max", {"max", "mean"},
             "What the threshold is a share of: the largest or the mean magnitude.", "Yang, 2.1: max");
  set.real("threshold", &Options::threshold, 0.05, 0, 2, "", "Share up to which a weight becomes zero.",
           "Yang, 2.1: 0.05 max |W|");
  set.require({"rule", "threshold"},
              "a threshold of the largest magnitude or more leaves nothing; give a share below 1",
              [](const Options& o) { return o.rule != "max" || o.threshold < 1; });
  set.inherit(layers_left_parameters(true, "Yang, 2.3.1.1"));
  return set.resolve(config);
}

class Ternary : public Method {
 public:
  explicit Ternary(const arch::RawConfig& config) : config_(config), options_(resolve(config)) {}
  [[nodiscard]] MethodRole role() const override { return MethodRole::quantises; }

  void begin(TrainableNetwork& network) override { covered_ = covered_layers(network, options_, config_); }

  [[nodiscard]] at::Tensor apply(std::size_t layer, const at::Tensor& filters) const override {
    if (!covered_[layer]) return filters;
    const at::Tensor magnitude = filters.detach().abs();
    const at::Tensor threshold = options_.threshold * (options_.rule == "max" ? magnitude.max() : magnitude.mean());
    const at::Tensor kept = magnitude.gt(threshold).to(at::kFloat);
    const at::Tensor alpha = (magnitude * kept).sum() / kept.sum().clamp_min(1);
    return straight_through(alpha * filters.detach().sign() * kept, filters);
  }

  void observe(const TrainableNetwork&, const std::vector<at::Tensor>& effective, Figures& figures) const override {
    figures.metrics["zero_weights"] = share_of_zeros(effective, covered_);
  }

 private:
  arch::RawConfig config_;
  Options options_;
  std::vector<bool> covered_;
};

const MethodRegistration registration("ternary", "weights of -alpha, 0 and +alpha",
                                      [](const arch::RawConfig& config) { return std::make_unique<Ternary>(config); });

}  // namespace
}  // namespace rebasis::train
