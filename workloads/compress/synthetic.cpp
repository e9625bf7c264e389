#include "workloads/compress/synthetic.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "common/json.h"
#include "workloads/compress/trace_layer.h"

namespace rebasis::compress {
namespace {

/// A generator of its own for every layer and purpose, so that layers do not depend on each other.
std::mt19937_64 generator_of(std::uint64_t seed, std::size_t layer, std::uint64_t purpose) {
  std::seed_seq sequence{seed & 0xFFFFFFFFU, seed >> 32, static_cast<std::uint64_t>(layer), purpose};
  return std::mt19937_64(sequence);
}

constexpr std::uint64_t for_weights = 1, for_activations = 2;
constexpr double largest_activation_sigmas = 4;

}  // namespace

Model synthetic_model(const LayerShapes& shapes, std::uint64_t seed) {
  Model model;
  model.name = shapes.name;
  for (const LayerShapes::Item& item : shapes.layers) {
    Layer layer;
    layer.name = item.name;
    layer.op = item.op;
    layer.shape = item.shape;
    layer.weight_provenance = "synthetic";
    layer.first = model.layers.empty();
    const double inputs = static_cast<double>(item.shape.channels_per_group() * item.shape.R * item.shape.S);
    const float sigma = static_cast<float>(std::sqrt(2.0 / inputs));
    std::mt19937_64 generator = generator_of(seed, model.layers.size(), for_weights);
    std::normal_distribution<float> weight(0.0F, sigma), bias(0.0F, sigma / 10);
    layer.weights.resize(static_cast<std::size_t>(item.shape.weights()));
    layer.bias.resize(static_cast<std::size_t>(item.shape.M));
    std::generate(layer.weights.begin(), layer.weights.end(), [&] { return weight(generator); });
    std::generate(layer.bias.begin(), layer.bias.end(), [&] { return bias(generator); });
    model.layers.push_back(std::move(layer));
  }
  return model;
}

std::vector<std::int32_t> synthetic_activations(const LayerShape& shape, std::size_t layer,
                                                const SyntheticOptions& options, int bits) {
  const double largest = (1 << bits) - 1;
  std::vector<std::int32_t> codes(static_cast<std::size_t>(options.images * shape.C * shape.H * shape.W));
  std::mt19937_64 generator = generator_of(options.seed, layer, for_activations);
  std::bernoulli_distribution zero(layer == 0 ? 0.0 : options.zero_activations);
  std::normal_distribution<double> normal(0.0, largest / largest_activation_sigmas);
  for (std::int32_t& code : codes) {
    code = zero(generator) ? 0 : static_cast<std::int32_t>(std::min(largest, std::round(std::abs(normal(generator)))));
  }
  return codes;
}

Model write_synthetic_trace(const LayerShapes& shapes, const Recipe& recipe, const SyntheticOptions& options,
                            const std::string& path, const PassContext& context) {
  Model model = synthetic_model(shapes, options.seed);
  recipe.apply(model, context);
  trace::TraceWriter writer;
  trace::Metadata metadata;
  metadata.network = shapes.name;
  metadata.auxiliary = shapes.auxiliary;
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    LayerActivations activations;
    activations.info.provenance = "synthetic";
    activations.info.bits = recipe.activations().bits_of(false);
    activations.info.scale = 1.0 / ((1 << activations.info.bits) - 1);
    activations.images = options.images;
    const auto codes = synthetic_activations(model.layers[i].shape, i, options, activations.info.bits);
    activations.codes = codes;
    metadata.layers.push_back(add_layer(writer, model.layers[i], activations));
  }
  metadata.provenance = to_line({{"tool", "rebasis"},
                                 {"recipe", recipe.name()},
                                 {"recipe_text", recipe.text()},
                                 {"weights", "synthetic"},
                                 {"activations", "synthetic"},
                                 {"seed", options.seed},
                                 {"zero_activations", options.zero_activations}});
  writer.write(path, metadata);
  return model;
}

}  // namespace rebasis::compress
