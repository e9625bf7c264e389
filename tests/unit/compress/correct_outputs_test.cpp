// After the correction every output channel of a shipped network has the mean and the spread it had before compression.
#include "workloads/compress/network/correct_outputs.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "workloads/run/network_inputs.h"

using namespace rebasis;
using namespace rebasis::compress;

namespace {

const std::string networks = REBASIS_SOURCE_DIR "/workloads/networks/";

/// Values of each output channel of each layer.
using Outputs = std::map<std::string, std::vector<std::vector<double>>>;

Outputs outputs_of(const run::Executor& executor, const Tensor<float>& images, run::RunHooks hooks) {
  Outputs outputs;
  hooks.on_output = [&](const graph::WeightLayer& layer, const Tensor<float>& output) {
    const auto channels = static_cast<std::size_t>(layer.shape.M);
    const auto area = static_cast<std::size_t>(layer.shape.E() * layer.shape.F());
    REQUIRE(output.shape == Shape{output.shape[0], layer.shape.M, layer.shape.E(), layer.shape.F()});
    outputs[layer.name].resize(channels);
    for (std::size_t i = 0; i < output.values.size(); ++i)
      outputs[layer.name][i / area % channels].push_back(static_cast<double>(output.values[i]));
  };
  static_cast<void>(executor.run_all(images, hooks, 8));
  return outputs;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double deviation(const std::vector<double>& values) {
  const double middle = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - middle) * (value - middle);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

/// Largest difference of means and of deviations, in deviations of the original channel. Channels that no longer vary
/// at all cannot be scaled back and are counted.
struct Difference {
  double mean = 0, deviation = 0;
  int channels = 0, constant = 0;
};

Difference difference(const Outputs& original, const Outputs& compressed) {
  Difference worst;
  for (const auto& [layer, channels] : original) {
    for (std::size_t m = 0; m < channels.size(); ++m) {
      const std::vector<double>& found = compressed.at(layer)[m];
      const double spread = deviation(channels[m]);
      worst.mean = std::max(worst.mean, std::abs(mean(found) - mean(channels[m])) / spread);
      worst.channels += 1;
      if (deviation(found) < 1e-3 * spread) {
        worst.constant += 1;
        continue;
      }
      worst.deviation = std::max(worst.deviation, std::abs(deviation(found) / spread - 1));
    }
  }
  return worst;
}

struct Corrected {
  Difference difference;
  bool scaled = false;  ///< some ternary layer has channel scales
};

Corrected corrected(const std::string& match) {
  const run::NetworkInputs loaded =
      run::load_network_and_inputs(networks + "fmnist_vggsmall.onnx", networks + "fmnist_vggsmall.input.npy", "", {});
  const run::Executor executor(loaded.graph);
  NetworkModel network(executor.graph());
  const Outputs original = outputs_of(executor, loaded.inputs.images, {});
  // Every layer ternary: an 8-bit layer's spread is not corrected.
  const Recipe recipe = Recipe::parse("passes: [{ternary: {threshold: mean, keep_first_last: false}}]\n", "r.yaml");
  recipe.apply(network.model());
  if (match != "none") {
    double last = -1;
    correct_outputs(executor, network, loaded.inputs.images, {match, 16}, 8, [&](double fraction) {
      CHECK(fraction > last);
      last = fraction;
    });
  }
  Corrected result;
  result.difference = difference(original, outputs_of(executor, loaded.inputs.images, network.hooks()));
  for (const Layer& layer : network.model().layers)
    result.scaled = result.scaled || !layer.ternary->channel_scale.empty();
  return result;
}

}  // namespace

TEST_CASE("ternary weights move means and spreads; the correction brings back what it is asked for") {
  const Corrected none = corrected("none");
  CHECK(none.difference.mean > 0.5);
  CHECK(none.difference.deviation > 0.5);
  CHECK_FALSE(none.scaled);
  const Corrected means = corrected("mean");
  CHECK(means.difference.mean < 1e-3);
  CHECK(means.difference.deviation > 0.3);
  CHECK_FALSE(means.scaled);
  const Corrected both = corrected("mean-variance");
  CHECK(both.difference.mean < 1e-3);
  CHECK(both.difference.deviation < 1e-3);
  CHECK(both.difference.channels == 714);
  CHECK(both.difference.constant <= 7);
  CHECK(both.scaled);
}
