// The pass "magnitude_prune": the smallest weights become zero.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "common/error.h"
#include "workloads/compress/pass.h"

namespace rebasis::compress {
namespace {

struct PruneOptions {
  double ratio = 0;
  std::string scope;
  bool leave_first = false;
  bool leave_depthwise = true;
};

PruneOptions resolve(const arch::RawConfig& config) {
  arch::ParameterSet<PruneOptions> set;
  set.real("ratio", &PruneOptions::ratio, 0.5, 0, 1, "", "Share of the weights that become zero.", "decision");
  set.choice(
      "scope", &PruneOptions::scope, "layer", {"layer", "network", "adaptive"},
      "What the ratio is a share of: each layer's weights; all weights of the network, by magnitude; or all, by the "
      "layer-adaptive score: a weight's square over the sum of the squares of its layer's weights that are not "
      "smaller.",
      "decision; adaptive: Lee et al., Layer-adaptive sparsity for the magnitude-based pruning, ICLR 2021");
  set.boolean("leave_first", &PruneOptions::leave_first, true, "Do not prune the network's first layer.", "decision");
  set.boolean("leave_depthwise", &PruneOptions::leave_depthwise, true, "Do not prune depthwise layers.",
              "paper, appendix E-E");
  return set.resolve(config);
}

/// Indices in ascending order of magnitude; equal ones in the order of the index.
std::vector<std::size_t> by_magnitude(const std::vector<float>& weights) {
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const float x = std::abs(weights[a]), y = std::abs(weights[b]);
    return x != y ? x < y : a < b;
  });
  return order;
}

/// A weight among those of all layers that may be pruned.
struct Scored {
  double score;
  std::uint32_t layer;
  std::uint32_t weight;
  bool operator<(const Scored& other) const {
    return std::tie(score, layer, weight) < std::tie(other.score, other.layer, other.weight);
  }
};

class MagnitudePrunePass : public Pass {
 public:
  explicit MagnitudePrunePass(const PassConfig& config) : options_(config, resolve) {
    for (const LayerRule& rule : config.rules) {
      if (rule.overrides.find("scope") != nullptr) fail_input(rule.where, "scope is the pass's own, not a layer's");
    }
  }

  void apply(Model& model, const PassContext&) const override {
    const std::vector<PruneOptions> options = options_.of(model);
    std::vector<Scored> candidates;
    double wanted = 0;  // over all layers, for the scopes that rank them together
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      Layer& layer = model.layers[i];
      const bool leave =
          (layer.first && options[i].leave_first) || (layer.shape.depthwise() && options[i].leave_depthwise);
      if (layer.encoded() || leave) continue;
      const double count = options[i].ratio * static_cast<double>(layer.weights.size());
      if (options[i].scope == "layer") {
        const std::vector<std::size_t> order = by_magnitude(layer.weights);
        for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k) layer.weights[order[k]] = 0.0F;
      } else {
        wanted += count;
        score(layer, static_cast<std::uint32_t>(i), options[i].scope == "adaptive", candidates);
      }
    }
    const auto pruned = static_cast<std::ptrdiff_t>(wanted);
    if (pruned < static_cast<std::ptrdiff_t>(candidates.size())) {
      std::nth_element(candidates.begin(), candidates.begin() + pruned, candidates.end());
    }
    std::for_each(candidates.begin(), candidates.begin() + pruned,
                  [&](const Scored& weakest) { model.layers[weakest.layer].weights[weakest.weight] = 0.0F; });
  }

 private:
  static void score(const Layer& layer, std::uint32_t index, bool adaptive, std::vector<Scored>& candidates) {
    const std::vector<std::size_t> order = by_magnitude(layer.weights);
    double remaining = 0;  // squares of this weight and all larger ones
    for (auto k = order.rbegin(); k != order.rend(); ++k) {
      const double magnitude = std::abs(layer.weights[*k]);
      remaining += magnitude * magnitude;
      const double value = !adaptive ? magnitude : remaining == 0 ? 0 : magnitude * magnitude / remaining;
      candidates.push_back({value, index, static_cast<std::uint32_t>(*k)});
    }
  }

  LayerOptions<PruneOptions> options_;
};

const PassRegistration registration("magnitude_prune", "zeroes the smallest weights of each layer, or of the network",
                                    [](const PassConfig& config) {
                                      return std::make_unique<MagnitudePrunePass>(config);
                                    });

}  // namespace
}  // namespace rebasis::compress
