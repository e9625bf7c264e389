// The pass "channel_prune": output channels with a small batch-norm scale disappear (paper section III-D).
#include <algorithm>
#include <cmath>
#include <numeric>

#include "workloads/compress/pass.h"
#include "workloads/compress/prune/prune_groups.h"

namespace rebasis::compress {
namespace {

struct ChannelOptions {
  double threshold = 0;
  double ratio = 0;
  bool leave = false;
};

ChannelOptions resolve(const arch::RawConfig& config) {
  arch::ParameterSet<ChannelOptions> set;
  set.real("threshold", &ChannelOptions::threshold, 0, 0, 1e9, "", "Channels with a smaller |gamma| are pruned.",
           "paper, III-D");
  set.real("ratio", &ChannelOptions::ratio, 0, 0, 1, "",
           "Share of the layer's channels, smallest |gamma| first, that are pruned as well.", "decision");
  set.boolean("leave", &ChannelOptions::leave, false, "Keep all channels of the layer.", "decision");
  return set.resolve(config);
}

std::vector<std::size_t> pruned_channels(const Layer& layer, const ChannelOptions& options) {
  const auto magnitude = [&](std::size_t m) { return std::abs(layer.norm_scale[m]); };
  std::vector<std::size_t> order(layer.norm_scale.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return magnitude(a) < magnitude(b); });
  const auto by_ratio = rounded_down(options.ratio * static_cast<double>(order.size()));
  std::size_t count = 0;
  while (count < order.size() && (count < by_ratio || static_cast<double>(magnitude(order[count])) < options.threshold))
    ++count;
  order.resize(count);
  return order;
}

class ChannelPrunePass : public Pass {
 public:
  explicit ChannelPrunePass(const PassConfig& config) : options_(config, resolve), where_(config.where) {}
  Role role() const override { return Role::prunes; }

  void check(const Model& model) const override {
    const bool known = std::any_of(model.layers.begin(), model.layers.end(),
                                   [](const Layer& layer) { return !layer.norm_scale.empty(); });
    if (known) return;
    fail_input(where_, "channel_prune needs the scales of batch norms, and network '" + model.name +
                           "' has none behind its layers (an exporter may have folded them); write structured_prune "
                           "with pattern: filter, which goes by the weights");
  }

  void apply(Model& model, const PassContext&) const override {
    const std::vector<ChannelOptions> options = options_.of(model);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      Layer& layer = model.layers[i];
      if (layer.encoded() || options[i].leave || layer.norm_scale.empty()) continue;
      const std::vector<std::size_t> channels = pruned_channels(layer, options[i]);
      layer.statistics["pruned_channels"] = static_cast<double>(channels.size());
      for (const std::size_t channel : channels) remove_output_channel(model, i, channel);
    }
  }

 private:
  LayerOptions<ChannelOptions> options_;
  SourceLocation where_;
};

const PassRegistration registration("channel_prune", "removes output channels with a small batch-norm scale",
                                    [](const PassConfig& config) {
                                      return std::make_unique<ChannelPrunePass>(config);
                                    });

}  // namespace
}  // namespace rebasis::compress
