// The passes "ternary" and "pe_prune" on small weights whose outcome is worked out by hand, and on random ones against
// a search over all thresholds.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "../../support/errors.h"
#include "workloads/compress/recipe.h"

using namespace rebasis;
using namespace rebasis::compress;

namespace {

Layer layer(const std::string& name, const LayerShape& shape, std::vector<float> weights) {
  Layer made;
  made.name = name;
  made.op = "conv";
  made.shape = shape;
  made.weights = std::move(weights);
  return made;
}

std::vector<float> gaussian(const LayerShape& shape, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0.0F, 0.1F);
  std::vector<float> weights(static_cast<std::size_t>(shape.weights()));
  for (float& weight : weights) weight = normal(generator);
  return weights;
}

/// One 1x1 layer of two filters with four channels.
Model small() {
  Model model;
  model.name = "small";
  model.layers = {layer("a", LayerShape{.M = 2, .C = 4}, {1.0F, -0.6F, 0.04F, 0.049F, 0.1F, -0.15F, 0.0F, 0.005F})};
  return model;
}

/// Four random layers: first, 3x3 of 40 channels (groups of 16, 16 and 8), depthwise, last.
Model network() {
  Model model;
  model.name = "network";
  const auto add = [&](const std::string& name, LayerShape shape) {
    shape.H = shape.W = 4;
    model.layers.push_back(layer(name, shape, gaussian(shape, static_cast<unsigned>(model.layers.size()) + 1)));
  };
  add("first", {.M = 40, .C = 3, .R = 3, .S = 3});
  add("middle", {.M = 8, .C = 40, .R = 3, .S = 3});
  add("depthwise", {.M = 8, .C = 8, .R = 3, .S = 3, .groups = 8});
  add("last", {.M = 10, .C = 8});
  model.layers[0].first = true;
  return model;
}

Model applied(Model model, const std::string& passes) {
  Recipe::parse("passes:\n" + passes, "r.yaml").apply(model);
  return model;
}

double squared_error(const std::vector<float>& weights, const Layer& compressed) {
  const std::vector<float> rebuilt = rebuilt_weights(compressed);
  double error = 0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    error += std::pow(static_cast<double>(weights[i]) - static_cast<double>(rebuilt[i]), 2);
  return error;
}

/// Squared norms of the groups of filter m: channels 0-15, 16-31, 32-39.
double squared_norm(const Layer& layer, std::size_t m, std::size_t group) {
  double sum = 0;
  for (std::size_t i = m * 360 + group * 144; i < std::min(m * 360 + (group + 1) * 144, (m + 1) * 360); ++i)
    sum += std::pow(static_cast<double>(layer.weights[i]), 2);
  return sum;
}

std::vector<double> all_norms(const Layer& layer) {
  std::vector<double> norms;
  for (std::size_t m = 0; m < 8; ++m)
    for (std::size_t g = 0; g < 3; ++g) norms.push_back(squared_norm(layer, m, g));
  return norms;
}

}  // namespace

TEST_CASE("equations 2.1 and 2.2: up to 0.05 of the largest magnitude is zero") {
  const Layer result = applied(small(), "  - ternary: {keep_first_last: false}\n").layers[0];
  REQUIRE(result.ternary);
  CHECK(result.ternary->weights == std::vector<std::int8_t>{1, -1, 0, 0, 1, -1, 0, 0});  // Delta = 0.05
  CHECK(static_cast<double>(result.ternary->alpha) == doctest::Approx((1.0 + 0.6 + 0.1 + 0.15) / 4));
  CHECK(result.ternary->channel_scale.empty());
  CHECK(result.ternary->info.group_channels == 16);
  CHECK(result.statistics.at("weight_value_sparsity") == 0.5);
}

TEST_CASE("0.7 of the mean magnitude, of the weights that are not pruned") {
  const Layer result = applied(small(), "  - ternary: {threshold: mean, keep_first_last: false}\n").layers[0];
  // The mean of seven is 1.944 / 7, Delta = 0.1944.
  CHECK(result.ternary->weights == std::vector<std::int8_t>{1, -1, 0, 0, 0, 0, 0, 0});
  CHECK(static_cast<double>(result.ternary->alpha) == doctest::Approx(0.8));
}

TEST_CASE("a scale a filter") {
  const Layer result = applied(small(), "  - ternary: {scale: filter, keep_first_last: false}\n").layers[0];
  CHECK(result.ternary->weights == std::vector<std::int8_t>{1, -1, 0, 0, 1, -1, 0, 0});  // Delta 0.05 and 0.0075
  const std::vector<double> units = weight_units(result);
  CHECK(units[0] == doctest::Approx(0.8));
  CHECK(units[1] == doctest::Approx(0.125));
}

TEST_CASE("no threshold leaves less error than least-squares") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    Model model = small();
    model.layers[0] = layer("a", LayerShape{.M = 4, .C = 9}, gaussian(LayerShape{.M = 4, .C = 9}, seed));
    const std::vector<float> weights = model.layers[0].weights;
    const Layer best = applied(model, "  - ternary: {threshold: least-squares, keep_first_last: false}\n").layers[0];
    for (const float threshold : weights) {  // any code follows from a threshold at one of the magnitudes
      double sum = 0, squares = 0, kept = 0;
      for (const float weight : weights) {
        squares += std::pow(static_cast<double>(weight), 2);
        if (std::abs(weight) < std::abs(threshold)) continue;
        sum += std::abs(static_cast<double>(weight));
        kept += 1;
      }
      CHECK(squared_error(weights, best) <= squares - sum * sum / kept + 1e-9);
    }
  }
}

TEST_CASE("first, last and depthwise layers stay 8-bit unless asked for") {
  const Model kept = applied(network(), "  - ternary: {}\n");
  CHECK(kept.layers[0].int8);
  CHECK(kept.layers[1].ternary);
  CHECK(kept.layers[2].int8);
  CHECK(kept.layers[3].int8);
  CHECK(kept.layers[0].note.find("keep_first_last") != std::string::npos);
  const Model all = applied(network(), "  - ternary: {keep_first_last: false, leave_depthwise: false}\n");
  for (const Layer& one : all.layers) CHECK(one.ternary);
  const Model one = applied(network(), "  - ternary: {layers: [{match: middle, leave: true}]}\n");
  CHECK(one.layers[1].int8);
}

TEST_CASE("a layer of zeros is ternary zeros") {
  Model model = small();
  std::fill(model.layers[0].weights.begin(), model.layers[0].weights.end(), 0.0F);
  model.layers[0].bias = {1.0F, 2.0F};
  for (const char* options : {"{keep_first_last: false}", "{keep_first_last: false, scale: filter}"}) {
    const Layer result = applied(model, std::string("  - ternary: ") + options + "\n").layers[0];
    CHECK(std::count(result.ternary->weights.begin(), result.ternary->weights.end(), 0) == 8);
    CHECK(result.statistics.at("group_sparsity") == 1);
    CHECK_FALSE(result.statistics.contains("group_compression_rate"));
    CHECK(integer_bias(result, 0.5) == std::vector<std::int32_t>{2, 4});
  }
}

TEST_CASE("a weight that is not finite is refused") {
  Model model = small();
  model.layers[0].weights[3] = std::nanf("");
  CHECK(test::bad_input([&] { (void)applied(model, "  - ternary: {keep_first_last: false}\n"); }).find("not finite") !=
        std::string::npos);
}

TEST_CASE("pe_prune zeroes the groups of the smallest norm and no other weight") {
  const Model before = network();
  const Model after = applied(network(), "  - pe_prune: {ratio: 0.5}\n  - ternary: {}\n");
  std::vector<double> norms = all_norms(before.layers[1]);
  std::vector<double> sorted = norms;
  std::sort(sorted.begin(), sorted.end());
  const std::vector<double> found = all_norms(after.layers[1]);
  for (std::size_t i = 0; i < norms.size(); ++i) CHECK(found[i] == (norms[i] < sorted[12] ? 0.0 : norms[i]));
  CHECK(after.layers[0].weights == before.layers[0].weights);
  CHECK(after.layers[2].weights == before.layers[2].weights);
  CHECK(after.layers[3].weights == before.layers[3].weights);
  const auto& statistics = after.layers[1].statistics;
  CHECK(statistics.at("groups") == 24);
  CHECK(statistics.at("nonzero_groups") == 12);
  CHECK(statistics.at("group_sparsity") == 0.5);
  CHECK(statistics.at("group_compression_rate") == 32);
}

TEST_CASE("explicit counts, and the group size goes on to ternary") {
  const Layer counted =
      applied(network(), "  - pe_prune: {ratio: 0, layers: [{shape: 8x40x3x3, keep_groups: 5}]}\n  - ternary\n")
          .layers[1];
  CHECK(counted.statistics.at("nonzero_groups") == 5);
  const Layer fine = applied(network(), "  - pe_prune: {group_channels: 4}\n  - ternary\n").layers[1];
  CHECK(fine.ternary->info.group_channels == 4);
  CHECK(fine.statistics.at("groups") == 80);
  CHECK(fine.statistics.at("nonzero_groups") == 60);
  const Layer other =
      applied(network(), "  - pe_prune: {group_channels: 4}\n  - ternary: {group_channels: 8}\n").layers[1];
  CHECK(other.ternary->info.group_channels == 8);
}

TEST_CASE("over the network, groups are compared with the mean norm of their layer") {
  Model model = network();
  for (float& weight : model.layers[0].weights) weight *= 1000.0F;  // no reason to spare its groups
  const Model after = applied(model,
                              "  - pe_prune: {scope: network, ratio: 0.3, keep_first_last: false}\n  - ternary: "
                              "{keep_first_last: false}\n");
  double pruned = 0, groups = 0;
  for (const std::size_t i : {0, 1, 3}) {
    pruned += after.layers[i].statistics.at("groups") - after.layers[i].statistics.at("nonzero_groups");
    groups += after.layers[i].statistics.at("groups");
  }
  CHECK(groups == 40 + 24 + 10);
  CHECK(pruned == std::floor(0.3 * groups));
  CHECK(after.layers[0].statistics.at("group_sparsity") > 0);
}

TEST_CASE("impossible counts and options are refused with their line") {
  const auto refusal = [](const std::string& passes) {
    return test::bad_input([&] { (void)applied(network(), passes); });
  };
  const std::string many = refusal("  - pe_prune: {layers: [{match: middle, keep_groups: 25}]}\n");
  CHECK(many.find("r.yaml:2: ") == 0);
  CHECK(many.find("layer 'middle' has 24 groups") != std::string::npos);
  CHECK(refusal("  - pe_prune: {ratio: 1.5}\n").find("r.yaml:2: ") == 0);
  CHECK(refusal("  - pe_prune: {group_channels: 0}\n").find("r.yaml:2: ") == 0);
  CHECK(refusal("  - pe_prune: {layers: [{match: middle, scope: network}]}\n").find("scope is the pass's own") !=
        std::string::npos);
  CHECK(refusal("  - ternary: {threshold: median}\n").find("threshold") != std::string::npos);
}

TEST_CASE("activation bits and corrections of a recipe") {
  const auto parsed = [](const std::string& text) { return Recipe::parse(text + "passes: [ternary]\n", "r.yaml"); };
  const Recipe wide = parsed("activations: {bits: 16}\ncorrection: {match: mean-variance, images: 32}\n");
  CHECK(wide.activations().bits_of(false) == 16);
  CHECK(wide.activations().bits_of(true) == 16);
  CHECK(wide.correction().match == "mean-variance");
  CHECK(wide.correction().images == 32);
  const Recipe seven = parsed("activations: {unsigned_bits: 7}\n");
  CHECK(seven.activations().bits_of(false) == 7);
  CHECK(seven.activations().bits_of(true) == 8);
  CHECK(parsed("").activations().bits_of(false) == 8);
  CHECK(parsed("").correction().match == "none");
  const auto refusal = [&](const std::string& text) { return test::bad_input([&] { (void)parsed(text); }); };
  CHECK(refusal("activations: {bits: 17}\n").find("r.yaml:1: ") == 0);
  CHECK(refusal("activations: {bits: 16, unsigned_bits: 8}\n").find("unsigned_bits must be bits or one less") !=
        std::string::npos);
  CHECK(refusal("correction: {match: median}\n").find("r.yaml:1: ") == 0);
  CHECK(refusal("correction: mean\n").find("correction is not a map") != std::string::npos);
}

TEST_CASE("the shipped ternary recipes prune what they say") {
  Model stages;
  stages.name = "stages";
  const auto add = [&](std::int64_t width, int count) {
    for (int i = 0; i < count; ++i) {
      LayerShape shape{.M = width, .C = width, .H = 4, .W = 4, .R = 3, .S = 3};
      stages.layers.push_back(layer("s" + std::to_string(stages.layers.size()), shape,
                                    gaussian(shape, static_cast<unsigned>(stages.layers.size()))));
    }
  };
  add(8, 1);
  add(16, 6);
  add(32, 5);
  add(64, 5);
  add(8, 1);
  stages.layers[0].first = true;
  Model table = stages;
  Recipe::load("ternary-pe-table7").apply(table);
  for (const auto& [index, used] : {std::pair{1, 9}, {6, 9}, {7, 33}, {11, 33}, {12, 119}, {16, 119}})
    CHECK(table.layers[static_cast<std::size_t>(index)].statistics.at("nonzero_groups") == used);
  Model quarter = stages;
  Recipe::load("ternary-pe").apply(quarter);
  CHECK(quarter.layers[8].statistics.at("group_sparsity") == 0.25);
  Model whole = stages;
  Recipe::load("ternary").apply(whole);
  CHECK(whole.layers[8].statistics.at("group_sparsity") == 0);
  for (const char* name : {"ternary", "ternary-pe", "ternary-pe-table7"})
    CHECK(Recipe::load(name).activations().bits == 16);
}
