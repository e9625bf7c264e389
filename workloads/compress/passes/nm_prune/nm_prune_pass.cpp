// The pass "nm_prune": of every few consecutive input channels only so many have a weight, as sparse tensor cores need
// it (Yang's dissertation, section 3.4.2.3, "structured fine-grained sparsity").
#include <algorithm>
#include <cmath>

#include "workloads/compress/finite_weights.h"
#include "workloads/compress/pass.h"
#include "workloads/compress/prune/left_layers.h"

namespace rebasis::compress {
namespace {

struct PruneOptions : LeftLayers {
  std::int64_t zeros = 2, of = 4;
};

PruneOptions resolve(const arch::RawConfig& config) {
  arch::ParameterSet<PruneOptions> set;
  set.integer("zeros", &PruneOptions::zeros, 2, 1, 1023, "", "Weights of a group that are zero, at least.",
              "Yang, Table 12: 2, 3, 7 and 15");
  set.integer("of", &PruneOptions::of, 4, 2, 1024, "", "Weights of a group: consecutive channels, same kernel place.",
              "Yang, Table 12: 4, 4, 8 and 16");
  set.require({"zeros", "of"}, "zeros must be less than of; 2 of 4 keeps two weights of four",
              [](const PruneOptions& options) { return options.zeros < options.of; });
  set.inherit(left_layers_parameters());
  return set.resolve(config);
}

/// Keeps the of - zeros largest weights of each group; of equal ones those of lower channels. A last group with fewer
/// channels may keep as many: hardware sees it filled up with zeros.
void prune(Layer& layer, const PruneOptions& options) {
  require_finite(layer);
  const std::int64_t channels = layer.shape.channels_per_group(), kernel = layer.shape.R * layer.shape.S;
  const auto keep = static_cast<std::size_t>(options.of - options.zeros);
  for (std::int64_t m = 0; m < layer.shape.M; ++m) {
    for (std::int64_t c = 0; c < channels; c += options.of) {
      for (std::int64_t k = 0; k < kernel; ++k) {
        std::vector<float*> group;
        for (std::int64_t i = c; i < std::min(c + options.of, channels); ++i)
          group.push_back(&layer.weights[static_cast<std::size_t>((m * channels + i) * kernel + k)]);
        std::stable_sort(group.begin(), group.end(),
                         [](const float* a, const float* b) { return std::abs(*a) > std::abs(*b); });
        for (std::size_t i = keep; i < group.size(); ++i) *group[i] = 0.0F;
      }
    }
  }
  layer.pruned = true;
}

class NmPrunePass : public Pass {
 public:
  explicit NmPrunePass(const PassConfig& config) : options_(config, resolve) {}
  Role role() const override { return Role::prunes; }

  void apply(Model& model, const PassContext&) const override {
    const std::vector<PruneOptions> options = options_.of(model);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      Layer& layer = model.layers[i];
      if (!layer.encoded() && !options[i].leaves(layer)) prune(layer, options[i]);
    }
  }

 private:
  LayerOptions<PruneOptions> options_;
};

const PassRegistration registration("nm_prune", "zeroes the smallest n of every m channels' weights",
                                    [](const PassConfig& config) { return std::make_unique<NmPrunePass>(config); });

}  // namespace
}  // namespace rebasis::compress
