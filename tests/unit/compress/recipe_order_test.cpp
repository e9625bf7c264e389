// Recipes that make no sense for a network are refused before any work, at their line and with the reason; sizes of
// dense codes.
#include <doctest/doctest.h>

#include <cmath>

#include "../../support/errors.h"
#include "workloads/compress/recipe.h"
#include "workloads/encode/sizes.h"

using namespace rebasis;
using namespace rebasis::compress;

namespace {

/// first 8x3x3x3 -> middle 8x8x3x3 -> last 4x8.
Model network() {
  Model model;
  model.name = "net";
  const auto add = [&](const std::string& name, const LayerShape& shape) {
    Layer layer;
    layer.name = name;
    layer.op = "conv";
    layer.shape = shape;
    layer.weights.resize(static_cast<std::size_t>(shape.weights()));
    for (std::size_t i = 0; i < layer.weights.size(); ++i) layer.weights[i] = static_cast<float>(i % 17) * 0.1F - 0.75F;
    model.layers.push_back(std::move(layer));
  };
  add("first", {.M = 8, .C = 3, .H = 4, .W = 4, .R = 3, .S = 3});
  add("middle", {.M = 8, .C = 8, .H = 4, .W = 4, .R = 3, .S = 3});
  add("last", {.M = 4, .C = 8});
  model.layers[0].first = true;
  return model;
}

/// What is refused when the recipe is read.
std::string unread(const std::string& passes) {
  return test::bad_input([&] { (void)Recipe::parse("passes:\n" + passes, "r.yaml"); });
}

/// What is refused when the recipe meets the network; apply() refuses the same and changes nothing.
std::string unfit(const std::string& passes) {
  const Recipe recipe = Recipe::parse("passes:\n" + passes, "r.yaml");
  const std::string refusal = test::bad_input([&] { recipe.check(network()); });
  Model model = network();
  CHECK(test::bad_input([&] { recipe.apply(model); }) == refusal);
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    CHECK_FALSE(model.layers[i].encoded());
    CHECK(model.layers[i].weights == network().layers[i].weights);
  }
  return refusal;
}

bool says(const std::string& message, const std::string& start, const std::string& part) {
  CAPTURE(message);
  CHECK(message.starts_with(start));
  CHECK(message.find(part) != std::string::npos);
  return message.starts_with(start) && message.find(part) != std::string::npos;
}

Model applied(const std::string& passes) {
  Model model = network();
  Recipe::parse("passes:\n" + passes, "r.yaml").apply(model);
  return model;
}

}  // namespace

TEST_CASE("pruning comes before encoding") {
  for (const std::string encoder : {"int8", "quantise", "power_of_two", "ternary", "smartdeal"}) {
    for (const std::string pruner : {"magnitude_prune", "pe_prune", "structured_prune", "nm_prune", "channel_prune"}) {
      CAPTURE(pruner);
      CHECK(says(unread("  - " + encoder + "\n  - " + pruner + "\n"),
                 "r.yaml:3: ", "'" + pruner + "' comes after '" + encoder + "' of line 2"));
    }
  }
}

TEST_CASE("a layer is encoded once") {
  CHECK(says(unfit("  - int8\n  - quantise: {bits: 4}\n"), "r.yaml:3: ", "encoded by 'int8' of line 2"));
  CHECK(says(unfit("  - ternary\n  - power_of_two: {terms: 1}\n"), "r.yaml:3: ", "encoded by 'ternary' of line 2"));
  CHECK(says(unfit("  - quantise: {bits: 4}\n  - int8:\n      layers:\n        - {match: middle, bits: 3}\n"),
             "r.yaml:5: ", "layer 'middle' has been encoded by 'quantise' of line 2"));
  CHECK(says(unfit("  - int8\n  - smartdeal\n"), "r.yaml:3: ", "encoded by 'int8' of line 2"));
  const Model both = applied("  - quantise: {bits: 4}\n  - int8: {bits: 6}\n");  // first and last layer are left
  CHECK(both.layers[0].int8->bits == 6);
  CHECK(both.layers[1].int8->bits == 4);
  CHECK(both.layers[2].int8->bits == 6);
  CHECK(both.layers[0].note.empty());
  CHECK_NOTHROW(applied("  - smartdeal\n  - int8\n"));
  CHECK_NOTHROW(applied("  - int8: {layers: [{match: middle, leave: true}]}\n  - quantise: {bits: 2}\n"));
}

TEST_CASE("layers and information that a network does not have") {
  CHECK(says(unfit("  - magnitude_prune\n  - int8:\n      layers:\n        - {match: conv9, bits: 4}\n"),
             "r.yaml:5: ", "conv9"));
  CHECK(says(unfit("  - structured_prune: {layers: [{op: fc, ratio: 0.1}]}\n"), "r.yaml:2: ", "op 'fc'"));
  CHECK(says(unfit("  - channel_prune: {threshold: 0.1}\n  - int8\n"), "r.yaml:2: ", "batch norms"));
  CHECK(says(unfit("  - pe_prune: {keep_groups: 9, group_channels: 8}\n"), "r.yaml:2: ", "has 8 groups"));
}

TEST_CASE("impossible values and combinations") {
  CHECK(says(unread("  - structured_prune: {ratio: 1.2}\n"), "r.yaml:2: ", "ratio"));
  CHECK(says(unread("  - structured_prune: {ratio: 1}\n"), "r.yaml:2: ", "leaves nothing"));
  CHECK(says(unread("  - structured_prune: {pattern: row}\n"), "r.yaml:2: ", "vector"));
  CHECK(says(unread("  - structured_prune: {pattern: kernel, block_rows: 8}\n"), "r.yaml:2: ", "pattern: block"));
  CHECK(says(unread("  - structured_prune:\n      pattern: block\n      group_filters: 8\n"),
             "r.yaml:4: ", "pattern: vector"));
  CHECK(says(unread("  - structured_prune:\n      layers:\n        - {match: a, scope: network}\n"),
             "r.yaml:4: ", "scope is the pass's own"));
  CHECK(says(unread("  - structured_prune:\n      layers:\n        - {match: a, pattern: filter}\n"),
             "r.yaml:4: ", "pattern is the pass's own"));
  CHECK(says(unread("  - nm_prune: {zeros: 4, of: 4}\n"), "r.yaml:2: ", "zeros must be less than of"));
  CHECK(says(unread("  - nm_prune: {zeros: 2, off: 4}\n"), "r.yaml:2: ", "of"));
  CHECK(says(unread("  - quantise: {bits: 9}\n"), "r.yaml:2: ", "bits"));
  CHECK(says(unread("  - quantise: {bits: 8, codes: asymmetric}\n"), "r.yaml:2: ", "9 bits"));
  CHECK(says(unread("  - quantise: {bits: 1, codes: asymmetric}\n"), "r.yaml:2: ", "-1 and +1"));
  CHECK(says(unread("  - quantise: {range: p99}\n"), "r.yaml:2: ", "percentile"));
  CHECK(says(unread("  - power_of_two: {terms: 0}\n"), "r.yaml:2: ", "terms"));
  CHECK(says(unread("  - power_of_two: {powers: 8}\n"), "r.yaml:2: ", "powers"));
}

TEST_CASE("a weight that is not finite is named by every pass") {
  for (const std::string pass :
       {"magnitude_prune", "structured_prune", "nm_prune", "quantise: {bits: 5}", "power_of_two"}) {
    CAPTURE(pass);
    Model model = network();
    model.layers[1].weights[7] = std::nanf("");
    const Recipe recipe = Recipe::parse("passes:\n  - " + pass + "\n", "r.yaml");
    CHECK(test::bad_input([&] { recipe.apply(model); }).find("layer 'middle': weight 7 is") != std::string::npos);
  }
}

TEST_CASE("statistics tell the code, and sizes count it") {
  const auto code_of = [](const std::string& pass) {
    trace::LayerInfo info;
    const Layer layer = applied("  - " + pass + "\n").layers[1];
    info.shape = layer.shape;
    info.statistics = layer.statistics;
    return encode::dense_code(info);
  };
  const auto is = [](const encode::DenseCode& code, std::uint64_t bits, std::uint64_t scales, std::uint64_t zeros) {
    return code.bits == bits && code.scales == scales && code.zero_points == zeros;
  };
  CHECK(is(code_of("int8"), 8, 8, 0));
  CHECK(is(code_of("int8: {bits: 5}"), 5, 8, 0));
  CHECK(is(code_of("quantise: {bits: 4, granularity: tensor}"), 4, 1, 0));
  CHECK(is(code_of("quantise: {bits: 6, codes: asymmetric}"), 6, 8, 8));
  CHECK(is(code_of("quantise: {bits: 6, codes: asymmetric, granularity: tensor}"), 6, 1, 1));
  CHECK(is(code_of("quantise: {bits: 1, range: mse}"), 1, 8, 0));
  CHECK(is(code_of("power_of_two"), 4, 8, 0));
  CHECK_FALSE(applied("  - int8\n").layers[1].statistics.contains("weight_bits"));

  trace::LayerInfo info;  // statistics are anybody's
  info.shape = {.M = 8, .C = 8};
  for (const double value : {-1.0, 0.0, 2.5, 9.0, 1e300}) {
    info.statistics = {{"weight_bits", value}, {"weight_scales", value}, {"weight_zero_points", value}};
    CAPTURE(value);
    CHECK(encode::dense_code(info).bits == 8);
    CHECK(encode::dense_code(info).scales == 8);
    CHECK(encode::dense_code(info).zero_points == 0);
  }
}

TEST_CASE("few bits leave the first, the last and depthwise layers alone unless asked") {
  const auto bits = [](const std::string& options) {
    std::string text;
    for (const Layer& layer : applied("  - quantise: {" + options + "}\n").layers)
      text += std::to_string(layer.int8->bits);
    return text;
  };
  CHECK(bits("bits: 4") == "848");
  CHECK(bits("bits: 5") == "555");
  CHECK(bits("bits: 4, keep_first_last: false") == "444");
  CHECK(bits("bits: 5, keep_first_last: true") == "858");
}
