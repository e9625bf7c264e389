// "ternary": weights of -alpha, 0, +alpha in the forward pass, straight-through in the backward pass (Yang's
// dissertation, equations 2.1 and 2.2).
#include "arch/parameter.h"
#include "workloads/train/method.h"

namespace rebasis::train {
namespace {

struct Options {
  std::string rule;
  double threshold = 0;
  LayerScope scope;
};

Options resolve(const arch::RawConfig& config) {
  struct Flat : Options {
    bool keep_first_last = true, keep_depthwise = true;
  };
  arch::ParameterSet<Flat> set;
  set.choice("rule", &Flat::rule, "max", {"max", "mean"},
             "What the threshold is a share of: the largest or the mean magnitude.", "Yang, 2.1: max");
  set.real("threshold", &Flat::threshold, 0.05, 0, 2, "", "Share below which a weight becomes zero.",
           "Yang, 2.1: 0.05 max |W|");
  set.boolean("keep_first_last", &Flat::keep_first_last, true, "Leave the first and the last layer alone.",
              "Yang, 2.3.1.1");
  set.boolean("keep_depthwise", &Flat::keep_depthwise, true, "Leave depthwise layers alone.", "decision");
  Flat flat = set.resolve(config);
  flat.scope = {flat.keep_first_last, flat.keep_depthwise};
  return flat;
}

class Ternary : public Method {
 public:
  explicit Ternary(const arch::RawConfig& config) : options_(resolve(config)) {}

  void begin(TrainableNetwork& network) override {
    for (const TrainedLayer& layer : network.layers()) covered_.push_back(options_.scope.covers(layer));
  }

  [[nodiscard]] at::Tensor apply(std::size_t layer, const at::Tensor& filters) const override {
    if (!covered_[layer]) return filters;
    const at::Tensor magnitude = filters.detach().abs();
    const at::Tensor threshold = options_.threshold * (options_.rule == "max" ? magnitude.max() : magnitude.mean());
    const at::Tensor kept = magnitude.gt(threshold).to(at::kFloat);
    const at::Tensor alpha = (magnitude * kept).sum() / kept.sum().clamp_min(1);
    return straight_through(alpha * filters.detach().sign() * kept, filters);
  }

 private:
  Options options_;
  std::vector<bool> covered_;
};

const MethodRegistration registration("ternary", "weights of -alpha, 0 and +alpha",
                                      [](const arch::RawConfig& config) { return std::make_unique<Ternary>(config); });

}  // namespace
}  // namespace rebasis::train
