#include "workloads/compress/network/correct_outputs.h"

#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace rebasis::compress {
namespace {

/// Mean and standard deviation of each output channel of a layer.
class ChannelMoments {
 public:
  /// `output`: [N][M][E][F].
  void add(const Tensor<float>& output) {
    const auto channels = static_cast<std::size_t>(output.shape.at(1));
    const auto area = static_cast<std::size_t>(output.shape.at(2) * output.shape.at(3));
    sums_.resize(channels);
    squares_.resize(channels);
    for (std::size_t i = 0; i < output.values.size(); ++i) {
      const std::size_t channel = i / area % channels;
      const auto value = static_cast<double>(output.values[i]);
      sums_[channel] += value;
      squares_[channel] += value * value;
    }
    count_ += static_cast<double>(output.values.size() / channels);
  }
  [[nodiscard]] std::size_t channels() const { return sums_.size(); }
  [[nodiscard]] double mean(std::size_t channel) const { return sums_[channel] / count_; }
  [[nodiscard]] double deviation(std::size_t channel) const {
    return std::sqrt(std::max(0.0, squares_[channel] / count_ - mean(channel) * mean(channel)));
  }

 private:
  std::vector<double> sums_, squares_;
  double count_ = 0;
};

using Moments = std::map<std::string, ChannelMoments>;

/// Moments of the layers that `wanted` names; all when it is empty.
Moments measure(const run::Executor& executor, const Tensor<float>& images, run::RunHooks hooks,
                const std::string& wanted, std::int64_t batch_size) {
  Moments moments;
  hooks.on_output = [&](const graph::WeightLayer& layer, const Tensor<float>& output) {
    if (wanted.empty() || layer.name == wanted) moments[layer.name].add(output);
  };
  static_cast<void>(executor.run_all(images, hooks, batch_size));
  return moments;
}

/// Multiplies the unit of filter m by `factor`.
void scale_filter(Layer& layer, std::size_t m, float factor) {
  if (layer.int8) {
    layer.int8->scales[m] *= factor;
    layer.int8->shared_scale = false;
    layer.statistics.erase("weight_scales");
    return;
  }
  std::vector<float>& scales = layer.ternary->channel_scale;
  if (scales.empty()) scales.assign(static_cast<std::size_t>(layer.shape.M), 1.0F);
  scales[m] *= factor;
}

void correct(Layer& layer, const ChannelMoments& wanted, const ChannelMoments& found, bool spread) {
  constexpr double least_share = 1e-3;  // a channel that hardly varies any more is not blown up
  layer.bias.resize(wanted.channels());
  for (std::size_t m = 0; m < wanted.channels(); ++m) {
    double factor = 1;
    if (spread && coarse(layer) && found.deviation(m) > least_share * wanted.deviation(m))
      factor = wanted.deviation(m) / found.deviation(m);
    if (factor != 1) scale_filter(layer, m, static_cast<float>(factor));
    const auto bias = static_cast<double>(layer.bias[m]);
    layer.bias[m] = static_cast<float>(wanted.mean(m) - factor * (found.mean(m) - bias));
  }
}

}  // namespace

void correct_outputs(const run::Executor& executor, NetworkModel& network, const Tensor<float>& images,
                     const CorrectionRecipe& correction, std::int64_t batch_size,
                     const std::function<void(double)>& progress) {
  const Moments wanted = measure(executor, images, {}, "", batch_size);
  std::vector<Layer>& layers = network.model().layers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    progress(static_cast<double>(i) / static_cast<double>(layers.size()));
    const std::string& name = layers[i].name;
    if (network.source_of(i) != name) continue;  // a phase of a transposed convolution
    const Moments found = measure(executor, images, network.hooks(), name, batch_size);
    correct(layers[i], wanted.at(name), found.at(name), correction.match == "mean-variance");
  }
}

}  // namespace rebasis::compress
