// The pass "magnitude_prune": the smallest weights become zero.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "workloads/compress/pass.h"

namespace rebasis::compress {
namespace {

struct PruneOptions {
  double ratio = 0;
  bool leave_first = false;
  bool leave_depthwise = true;
};

PruneOptions resolve(const arch::RawConfig& config) {
  arch::ParameterSet<PruneOptions> set;
  set.real("ratio", &PruneOptions::ratio, 0.5, 0, 1, "", "Share of the layer's weights that become zero.", "decision");
  set.boolean("leave_first", &PruneOptions::leave_first, true, "Do not prune the network's first layer.", "decision");
  set.boolean("leave_depthwise", &PruneOptions::leave_depthwise, true, "Do not prune depthwise layers.",
              "paper, appendix E-E");
  return set.resolve(config);
}

/// Zeroes the `count` smallest magnitudes; equal ones in the order of the index.
void zero_smallest(std::vector<float>& weights, std::size_t count) {
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto smaller = [&](std::size_t a, std::size_t b) {
    const float x = std::abs(weights[a]), y = std::abs(weights[b]);
    return x != y ? x < y : a < b;
  };
  if (count < order.size())
    std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), smaller);
  for (std::size_t i = 0; i < std::min(count, order.size()); ++i) weights[order[i]] = 0.0F;
}

class MagnitudePrunePass : public Pass {
 public:
  explicit MagnitudePrunePass(const PassConfig& config) : options_(config, resolve) {}

  void apply(Model& model, const PassContext&) const override {
    const std::vector<PruneOptions> options = options_.of(model);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      Layer& layer = model.layers[i];
      const bool leave =
          (layer.first && options[i].leave_first) || (layer.shape.depthwise() && options[i].leave_depthwise);
      if (layer.encoded() || leave) continue;
      const double count = std::floor(options[i].ratio * static_cast<double>(layer.weights.size()));
      zero_smallest(layer.weights, static_cast<std::size_t>(count));
    }
  }

 private:
  LayerOptions<PruneOptions> options_;
};

const PassRegistration registration("magnitude_prune", "zeroes the smallest weights of each layer",
                                    [](const PassConfig& config) {
                                      return std::make_unique<MagnitudePrunePass>(config);
                                    });

}  // namespace
}  // namespace rebasis::compress
