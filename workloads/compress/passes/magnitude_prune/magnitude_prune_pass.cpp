// The pass "magnitude_prune": the smallest weights become zero.
#include "workloads/compress/pass.h"
#include "workloads/compress/prune/left_layers.h"
#include "workloads/compress/prune/prune_groups.h"

namespace rebasis::compress {
namespace {

struct PruneOptions : LeftLayers {
  double ratio = 0;
  std::string scope;
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
  set.inherit(left_layers_parameters());
  return set.resolve(config);
}

class MagnitudePrunePass : public Pass {
 public:
  explicit MagnitudePrunePass(const PassConfig& config)
      : options_(config, resolve), ranking_(ranking_of(resolve(config.options).scope)) {
    refuse_in_rules(config, {"scope"});
  }
  Role role() const override { return Role::prunes; }

  void apply(Model& model, const PassContext&) const override {
    const std::vector<PruneOptions> options = options_.of(model);
    std::vector<PruneTarget> targets;
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      const Layer& layer = model.layers[i];
      if (layer.encoded() || options[i].leaves(layer)) continue;
      targets.push_back({i, single_weights(layer.shape), options[i].ratio * static_cast<double>(layer.weights.size())});
    }
    prune_smallest(model, targets, ranking_);
  }

 private:
  LayerOptions<PruneOptions> options_;
  Ranking ranking_;
};

const PassRegistration registration("magnitude_prune", "zeroes the smallest weights of each layer, or of the network",
                                    [](const PassConfig& config) {
                                      return std::make_unique<MagnitudePrunePass>(config);
                                    });

}  // namespace
}  // namespace rebasis::compress
