// The pass "channel_prune": output channels with a small batch-norm scale disappear (paper section III-D).
#include <algorithm>
#include <cmath>
#include <numeric>

#include "workloads/compress/pass.h"

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
  const auto by_ratio = static_cast<std::size_t>(options.ratio * static_cast<double>(order.size()));
  std::size_t count = 0;
  while (count < order.size() && (count < by_ratio || static_cast<double>(magnitude(order[count])) < options.threshold))
    ++count;
  order.resize(count);
  return order;
}

void zero_output_channel(Layer& layer, std::size_t channel) {
  const std::size_t filter = layer.weights.size() / static_cast<std::size_t>(layer.shape.M);
  std::fill_n(layer.weights.begin() + static_cast<std::ptrdiff_t>(channel * filter), filter, 0.0F);
  if (!layer.bias.empty()) layer.bias[channel] = 0.0F;
}

/// Zeroes the weights that read `channel` of the consumer's input, in every filter of its group.
void zero_input_channel(Layer& layer, std::size_t channel) {
  const std::size_t group_channels = static_cast<std::size_t>(layer.shape.channels_per_group());
  const std::size_t group_filters = static_cast<std::size_t>(layer.shape.filters_per_group());
  const std::size_t kernel = static_cast<std::size_t>(layer.shape.R * layer.shape.S);
  const std::size_t group = channel / group_channels;
  for (std::size_t m = group * group_filters; m < (group + 1) * group_filters; ++m) {
    const std::size_t first = (m * group_channels + channel % group_channels) * kernel;
    std::fill_n(layer.weights.begin() + static_cast<std::ptrdiff_t>(first), kernel, 0.0F);
  }
}

class ChannelPrunePass : public Pass {
 public:
  explicit ChannelPrunePass(const PassConfig& config) : options_(config, resolve) {}

  void apply(Model& model, const PassContext&) const override {
    const std::vector<ChannelOptions> options = options_.of(model);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      Layer& layer = model.layers[i];
      if (layer.encoded() || options[i].leave || layer.norm_scale.empty()) continue;
      const std::vector<std::size_t> channels = pruned_channels(layer, options[i]);
      layer.statistics["pruned_channels"] = static_cast<double>(channels.size());
      for (const std::size_t channel : channels) {
        zero_output_channel(layer, channel);
        for (const Consumer& consumer : layer.consumers) {
          for (std::size_t k = 0; k < static_cast<std::size_t>(consumer.block); ++k) {
            zero_input_channel(model.layers[consumer.layer], channel * static_cast<std::size_t>(consumer.block) + k);
          }
        }
      }
    }
  }

 private:
  LayerOptions<ChannelOptions> options_;
};

const PassRegistration registration("channel_prune", "removes output channels with a small batch-norm scale",
                                    [](const PassConfig& config) {
                                      return std::make_unique<ChannelPrunePass>(config);
                                    });

}  // namespace
}  // namespace rebasis::compress
