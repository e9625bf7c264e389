// Recipes: what is read, what is refused and where; what the passes do to a small model.
#include "workloads/compress/recipe.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "../../support/errors.h"
#include "common/file.h"
#include "workloads/compress/smartdeal/options.h"

using namespace rebasis;
using namespace rebasis::compress;

namespace {

/// conv1 8x3x3x3 -> conv2 16x8x3x3 -> depthwise -> fc 10x64 (2x2 map flattened).
Model small_model() {
  Model model;
  model.name = "small";
  const auto add = [&](const std::string& name, const std::string& op, LayerShape shape) {
    Layer layer;
    layer.name = name;
    layer.op = op;
    layer.shape = shape;
    std::mt19937 generator(static_cast<unsigned>(model.layers.size() + 1));
    std::normal_distribution<float> normal(0.0F, 0.1F);
    layer.weights.resize(static_cast<std::size_t>(shape.weights()));
    for (float& weight : layer.weights) weight = normal(generator);
    layer.bias.assign(static_cast<std::size_t>(shape.M), 0.5F);
    model.layers.push_back(std::move(layer));
  };
  LayerShape shape;
  shape.H = shape.W = 4;
  shape.R = shape.S = 3;
  shape.M = 8, shape.C = 3;
  add("conv1", "conv", shape);
  shape.M = 16, shape.C = 8;
  add("conv2", "conv", shape);
  shape.C = 16, shape.groups = 16;
  add("depthwise", "conv", shape);
  add("fc", "fc", LayerShape{.M = 10, .C = 64});
  model.layers[0].first = true;
  model.layers[0].norm_scale = {1.0F, 0.01F, 2.0F, -0.02F, 1.0F, 1.0F, 1.0F, 1.0F};
  model.layers[0].consumers = {{1, 1}};
  model.layers[2].norm_scale.assign(16, 1.0F);
  model.layers[2].norm_scale[5] = 0.0F;
  model.layers[2].consumers = {{3, 4}};
  return model;
}

std::string message(const std::string& text) {
  return test::bad_input([&] { (void)Recipe::parse(text, "r.yaml"); });
}

Model applied(const std::string& text) {
  Model model = small_model();
  Recipe::parse(text, "r.yaml").apply(model);
  return model;
}

std::size_t zeros(const std::vector<float>& values) {
  return static_cast<std::size_t>(std::count(values.begin(), values.end(), 0.0F));
}

}  // namespace

TEST_CASE("what is wrong with a recipe is said with its line") {
  const auto starts = [](const std::string& text, const std::string& start, const std::string& part) {
    CAPTURE(text);
    return text.starts_with(start) && text.find(part) != std::string::npos;
  };
  CHECK(starts(message("passes:\n  - smartdeel\n"), "r.yaml:2: ", "smartdeal"));
  CHECK(starts(message("passes:\n  - smartdeal:\n      treshold: 0.1\n"), "r.yaml:3: ", "threshold"));
  CHECK(starts(message("passes:\n  - smartdeal:\n      threshold: much\n"), "r.yaml:3: ", "threshold"));
  CHECK(starts(message("passes:\n  - smartdeal:\n      vector_ratio: 1.5\n"), "r.yaml:3: ", "vector_ratio"));
  CHECK(starts(message("passes:\n  - smartdeal:\n      variant: paper2\n"), "r.yaml:3: ", "variant"));
  CHECK(starts(message("passes:\n  - smartdeal:\n      exponents: [1, 0]\n"), "r.yaml:3: ", "ascend"));
  CHECK(starts(message("passes:\n  - smartdeal:\n      exponents: [a]\n"), "r.yaml:3: ", "exponents"));
  CHECK(starts(message("passes:\n  - smartdeal:\n      exponents: [-9,-8,-7,-6,-5,-4,-3,-2,-1]\n"),
               "r.yaml:3: ", "max_exponents"));
  CHECK(starts(message("passes:\n  - smartdeal: {}\n    int8: {}\n"), "r.yaml:2: ", "one pass"));
  CHECK(starts(message("pases: [int8]\n"), "r.yaml:1: ", "passes"));
  CHECK(starts(message("passes: int8\n"), "r.yaml:1: ", "list"));
  CHECK(starts(message("description: none\n"), "r.yaml:1: ", "passes"));
  CHECK(starts(message("passes: [int8]\nactivations:\n  unsigned_bits: 9\n"), "r.yaml:3: ", "unsigned_bits"));
  CHECK(starts(message("passes:\n  - int8:\n      layers:\n        - {bits: 4}\n"), "r.yaml:4: ", "selects nothing"));
  CHECK(starts(message("passes:\n  - int8:\n      layers:\n        - {shape: 3x3, bits: 4}\n"),
               "r.yaml:4: ", "64x3x7x7"));
  CHECK(starts(message("passes:\n  - int8:\n      layers:\n        - {match: a, bitz: 4}\n"), "r.yaml:4: ", "bits"));
  CHECK(starts(message("passes: [\n"), "r.yaml:", ""));
  CHECK(starts(message("[1, 2]"), "r.yaml:1: ", "map"));
  CHECK(starts(message(""), "r.yaml:1: ", "map"));
}

TEST_CASE("an entry for a layer that the network does not have is refused at its line") {
  const Recipe recipe =
      Recipe::parse("passes:\n  - int8:\n      layers:\n        - {match: conv9, bits: 4}\n", "r.yaml");
  Model model = small_model();
  const std::string text = test::bad_input([&] { recipe.apply(model); });
  CHECK(text.starts_with("r.yaml:4: "));
  CHECK(text.find("conv9") != std::string::npos);
  CHECK_NOTHROW(applied("passes:\n  - int8:\n      layers:\n        - {match: conv9, bits: 4, optional: true}\n"));
}

TEST_CASE("rules take the first entry that selects a layer, and a shape selects one layer") {
  const Model model = applied(
      "passes:\n  - int8:\n      bits: 8\n      layers:\n        - {shape: 16x8x3x3, bits: 2}\n        - {match: "
      "'conv*', bits: 3}\n        - {op: fc, bits: 4}\n");
  const auto largest = [&](std::size_t layer) {
    int most = 0;
    for (const auto weight : model.layers[layer].int8->weights) most = std::max(most, std::abs(int{weight}));
    return most;
  };
  CHECK(largest(0) == 3);
  CHECK(largest(1) == 1);
  CHECK(largest(2) == 127);
  CHECK(largest(3) == 7);
}

TEST_CASE("int8 weights are within half a step") {
  const Model original = small_model(), model = applied("passes: [int8]");
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    const auto rebuilt = rebuilt_weights(model.layers[i]);
    const std::size_t filter = rebuilt.size() / static_cast<std::size_t>(model.layers[i].shape.M);
    for (std::size_t k = 0; k < rebuilt.size(); ++k) {
      REQUIRE(std::abs(rebuilt[k] - original.layers[i].weights[k]) <=
              0.501F * model.layers[i].int8->scales[k / filter]);
    }
  }
}

TEST_CASE("magnitude pruning zeroes the share it was told, smallest first") {
  const Model model = applied("passes:\n  - magnitude_prune: {ratio: 0.25}\n  - int8\n");
  CHECK(zeros(model.layers[0].weights) == 0);  // first layer
  CHECK(zeros(model.layers[1].weights) == 288);
  CHECK(zeros(model.layers[2].weights) == 0);  // depthwise
  CHECK(zeros(model.layers[3].weights) == 160);
  const Model original = small_model();
  float largest_pruned = 0, smallest_kept = 1e9F;
  for (std::size_t k = 0; k < model.layers[1].weights.size(); ++k) {
    const float magnitude = std::abs(original.layers[1].weights[k]);
    if (model.layers[1].weights[k] == 0.0F)
      largest_pruned = std::max(largest_pruned, magnitude);
    else
      smallest_kept = std::min(smallest_kept, magnitude);
  }
  CHECK(largest_pruned <= smallest_kept);
}

TEST_CASE("magnitude pruning over the network ranks all layers together") {
  const Model original = small_model();
  const std::vector<std::size_t> prunable{1, 3};  // the first layer and the depthwise one are left alone
  const std::size_t all = original.layers[1].weights.size() + original.layers[3].weights.size();
  const auto score = [&](const std::string& scope, std::size_t layer, std::size_t k) {
    const auto& weights = original.layers[layer].weights;
    const double square = double{weights[k]} * double{weights[k]};
    if (scope == "network") return square;
    double larger = 0;  // the definition, without sorting
    for (const float other : weights)
      larger += std::abs(other) >= std::abs(weights[k]) ? double{other} * double{other} : 0.0;
    return square / larger;
  };
  for (const std::string scope : {"network", "adaptive"}) {
    CAPTURE(scope);
    const Model model = applied("passes:\n  - magnitude_prune: {ratio: 0.4, scope: " + scope + "}\n  - int8\n");
    std::int64_t pruned = 0;
    double largest_pruned = 0, smallest_kept = 1e9;
    for (const std::size_t layer : prunable) {
      pruned += zeros(model.layers[layer].weights);
      for (std::size_t k = 0; k < original.layers[layer].weights.size(); ++k) {
        const bool zero = model.layers[layer].weights[k] == 0.0F;
        double& extreme = zero ? largest_pruned : smallest_kept;
        extreme = zero ? std::max(extreme, score(scope, layer, k)) : std::min(extreme, score(scope, layer, k));
      }
    }
    CHECK(pruned == static_cast<std::int64_t>(0.4 * static_cast<double>(all)));
    CHECK(zeros(model.layers[0].weights) + zeros(model.layers[2].weights) == 0);
    CHECK(largest_pruned <= smallest_kept * (1 + 1e-9));
  }
  CHECK(test::bad_input([] {
          Recipe::parse("passes:\n  - magnitude_prune:\n      layers:\n        - {op: fc, scope: network}\n", "r.yaml");
        }).find("scope is the pass's own") != std::string::npos);
}

TEST_CASE("channel pruning removes filters, their bias and what reads them") {
  const Model model = applied("passes:\n  - channel_prune: {threshold: 0.05}\n  - int8\n");
  const Layer& conv1 = model.layers[0];
  CHECK(zeros(conv1.weights) == 2 * 27);
  CHECK(conv1.bias == std::vector<float>{0.5F, 0, 0.5F, 0, 0.5F, 0.5F, 0.5F, 0.5F});
  const Layer& conv2 = model.layers[1];
  for (std::size_t m = 0; m < 16; ++m) {
    for (std::size_t c = 0; c < 8; ++c) {
      for (std::size_t k = 0; k < 9; ++k) REQUIRE((conv2.weights[(m * 8 + c) * 9 + k] == 0.0F) == (c == 1 || c == 3));
    }
  }
  const Layer& fc = model.layers[3];  // channel 5 of four values each: inputs 20..23
  for (std::size_t m = 0; m < 10; ++m) {
    for (std::size_t c = 0; c < 64; ++c) REQUIRE((fc.weights[m * 64 + c] == 0.0F) == (c / 4 == 5));
  }
  CHECK(conv1.statistics.at("pruned_channels") == 2);
}

TEST_CASE("the smartdeal pass encodes what gains, and says why it leaves the rest") {
  const Model model = applied("passes: [smartdeal]");
  CHECK(model.layers[1].smartdeal);
  CHECK(model.layers[2].int8);
  CHECK(model.layers[2].note.find("depthwise") != std::string::npos);
  CHECK(model.layers[1].statistics.at("weight_error") < 0.3);
  CHECK(model.layers[1].statistics.contains("coefficient_sparsity"));
  const Model all = applied("passes:\n  - smartdeal: {leave_if_larger: false, leave_depthwise: false}\n");
  for (const Layer& layer : all.layers) CHECK(layer.smartdeal);
}

TEST_CASE("biases are integers in units of weight times activation scale, within 32 bits") {
  Model model = applied("passes: [int8]");
  Layer& layer = model.layers[0];
  layer.bias = {1.0F, -2.5F, 0.0F, 1e30F, -1e30F, 0.0F, 0.0F, 0.0F};
  const auto bias = integer_bias(layer, 0.5);
  CHECK(bias[0] == std::lround(1.0 / (static_cast<double>(layer.int8->scales[0]) * 0.5)));
  CHECK(bias[1] == std::lround(-2.5 / (static_cast<double>(layer.int8->scales[1]) * 0.5)));
  CHECK(bias[3] == INT32_MAX);
  CHECK(bias[4] == INT32_MIN);
}

TEST_CASE("the reference page has every key of the smartdeal pass with its default") {
  const std::string page = read_file(std::string(REBASIS_SOURCE_DIR) + "/docs/recipes.md");
  for (const arch::ParameterInfo& key : smartdeal::parameters().describe()) {
    CAPTURE(key.key);
    CHECK(page.find("| `" + key.key + "` | " + key.default_text + " | " + key.range + " | " + key.description + " |") !=
          std::string::npos);
  }
}

TEST_CASE("every shipped recipe can be read") {
  CHECK(shipped_recipes().size() >= 3);
  for (const RecipeSummary& summary : shipped_recipes()) {
    CAPTURE(summary.name);
    CHECK_FALSE(summary.description.empty());
    CHECK_NOTHROW(Recipe::load(summary.name));
  }
  CHECK(test::bad_input([] { (void)Recipe::load("smartdael"); }).find("smartdeal") != std::string::npos);
  CHECK(test::bad_input([] { (void)Recipe::load("./no-such.yaml"); }).find("no-such") != std::string::npos);
}
