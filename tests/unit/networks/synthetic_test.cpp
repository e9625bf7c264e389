// Synthetic weights and activations: reproducible, and with the statistics that were asked for.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <tuple>

#include "common/file.h"
#include "common/json.h"
#include "tests/support/errors.h"
#include "workloads/synthetic/generate.h"
#include "workloads/synthetic/network_trace.h"

using namespace rebasis;
using synthetic::ActivationCode;
using synthetic::ActivationStatistics;

namespace {

struct Measured {
  double zero = 0, negative = 0, mean = 0, right = 0, down = 0;
};

double correlation(const std::vector<std::pair<double, double>>& pairs) {
  double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  for (const auto& [a, b] : pairs) x += a, y += b, xx += a * a, yy += b * b, xy += a * b;
  const auto n = static_cast<double>(pairs.size());
  return (n * xy - x * y) / std::sqrt((n * xx - x * x) * (n * yy - y * y));
}

/// Statistics of codes [images * C][H][W]; correlations of whether a code is positive.
Measured measure(const std::vector<std::int32_t>& codes, const LayerShape& s) {
  Measured m;
  double sum = 0, positive = 0;
  std::vector<std::pair<double, double>> right, down;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    m.zero += codes[i] == 0 ? 1 : 0;
    m.negative += codes[i] < 0 ? 1 : 0;
    if (codes[i] > 0) positive += 1, sum += codes[i];
    const std::int64_t x = static_cast<std::int64_t>(i) % s.W, y = static_cast<std::int64_t>(i) / s.W % s.H;
    if (x + 1 < s.W) right.emplace_back(codes[i] > 0, codes[i + 1] > 0);
    if (y + 1 < s.H) down.emplace_back(codes[i] > 0, codes[i + static_cast<std::size_t>(s.W)] > 0);
  }
  const auto count = static_cast<double>(codes.size());
  m.zero /= count, m.negative /= count, m.mean = sum / positive;
  m.right = correlation(right), m.down = correlation(down);
  return m;
}

LayerShape shape_of(std::int64_t M, std::int64_t C, std::int64_t H, std::int64_t W, std::int64_t k) {
  LayerShape s;
  s.M = M, s.C = C, s.H = H, s.W = W, s.R = k, s.S = k;
  s.pad_top = s.pad_left = s.pad_bottom = s.pad_right = k / 2;
  return s;
}

}  // namespace

TEST_CASE("activations have the zeros, magnitudes and correlations of their statistics") {
  const LayerShape shape = shape_of(1, 256, 32, 32, 1);
  ActivationStatistics s;
  s.zero = 0.5, s.mean = 0.125, s.deviation = 0.8, s.vertical = 0.8, s.horizontal = 0.5;
  const Measured m = measure(synthetic::activations(shape, 1, s, {false, 8}, {1, 3}), shape);
  CHECK(m.zero == doctest::Approx(0.5).epsilon(0.02));
  CHECK(m.negative == 0);
  CHECK(m.mean == doctest::Approx(0.125 * 255).epsilon(0.03));
  // Two normal variables of correlation rho have the same sign so often that the correlation of their signs is
  // 2 / pi * asin(rho).
  CHECK(m.right == doctest::Approx(2 / 3.14159265 * std::asin(0.5)).epsilon(0.04));
  CHECK(m.down == doctest::Approx(2 / 3.14159265 * std::asin(0.8)).epsilon(0.04));

  s.negative = 0.3, s.zero = 0.1, s.negative_mean = 0.02, s.negative_deviation = 0.5;
  const Measured both = measure(synthetic::activations(shape, 1, s, {true, 8}, {1, 4}), shape);
  CHECK(both.zero == doctest::Approx(0.1).epsilon(0.03));
  CHECK(both.negative == doctest::Approx(0.3).epsilon(0.03));
  CHECK(both.mean == doctest::Approx(0.125 * 127).epsilon(0.03));
}

TEST_CASE("channels share what the statistics say") {
  const LayerShape shape = shape_of(1, 2000, 8, 8, 1);
  ActivationStatistics s;
  s.zero = 0.5, s.channel = 0.5;
  const std::vector<std::int32_t> codes = synthetic::activations(shape, 1, s, {false, 8}, {1, 1});
  double squares = 0;
  for (std::size_t c = 0; c < 2000; ++c) {
    const auto zeros = static_cast<double>(std::count(codes.begin() + static_cast<std::ptrdiff_t>(64 * c),
                                                      codes.begin() + static_cast<std::ptrdiff_t>(64 * c + 64), 0));
    squares += (zeros / 64 - 0.5) * (zeros / 64 - 0.5);
  }
  // Variance of a channel's share: P(both > 0) - 1/4 = asin(rho) / 2 pi for two of its values, plus sampling.
  const double shared = std::asin(0.5) / (2 * 3.14159265);
  CHECK(squares / 2000 == doctest::Approx(shared + (0.25 - shared) / 64).epsilon(0.1));
}

TEST_CASE("weights have the variance, tail and spread of their statistics") {
  const LayerShape shape = shape_of(256, 128, 1, 1, 3);
  for (const double tail : {1.0, 2.0, 4.0}) {
    const auto weights = synthetic::weights(shape, {tail, 1.5, 0.3}, {1, 1});
    double squares = 0, logs = 0, log_squares = 0, ratio = 0;
    const std::size_t filter = 128 * 9;
    for (std::size_t m = 0; m < 256; ++m) {
      double square = 0, magnitude = 0;
      for (std::size_t i = m * filter; i < (m + 1) * filter; ++i) {
        square += static_cast<double>(weights[i]) * static_cast<double>(weights[i]);
        magnitude += std::abs(static_cast<double>(weights[i]));
      }
      squares += square;
      ratio += magnitude * magnitude / (filter * square) / 256;
      const double scale = std::log(std::sqrt(square / filter));
      logs += scale / 256, log_squares += scale * scale / 256;
    }
    CAPTURE(tail);
    CHECK(squares / 256 == doctest::Approx(1.5).epsilon(0.1));
    // E|x|^2 / E x^2 of the generalised normal distribution.
    const double wanted = std::pow(std::tgamma(2 / tail), 2) / (std::tgamma(1 / tail) * std::tgamma(3 / tail));
    CHECK(ratio == doctest::Approx(wanted).epsilon(0.02));
    CHECK(std::sqrt(log_squares - logs * logs) == doctest::Approx(0.3).epsilon(0.15));
  }
}

TEST_CASE("property: codes fit their type, and depend on seed and layer alone") {
  rc::check([] {
    const LayerShape shape =
        shape_of(1, *rc::gen::inRange(1, 6), *rc::gen::inRange(1, 12), *rc::gen::inRange(1, 12), 1);
    ActivationStatistics s;
    s.zero = *rc::gen::inRange(0, 90) / 100.0;
    s.negative = *rc::gen::inRange(0, 9) / 100.0;
    s.mean = *rc::gen::inRange(1, 100) / 100.0;
    s.deviation = *rc::gen::inRange(5, 300) / 100.0;
    s.channel = *rc::gen::inRange(0, 99) / 100.0;
    s.vertical = *rc::gen::inRange(0, 99) / 100.0;
    const ActivationCode code{*rc::gen::arbitrary<bool>(), *rc::gen::inRange(2, 17)};
    const synthetic::Stream stream{*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::inRange<std::uint64_t>(0, 99)};
    const auto codes = synthetic::activations(shape, 2, s, code, stream);
    RC_ASSERT(codes.size() == static_cast<std::size_t>(2 * shape.C * shape.H * shape.W));
    for (const std::int32_t value : codes) {
      RC_ASSERT(value <= code.largest());
      RC_ASSERT(value >= (code.is_signed ? -code.largest() : 0));
    }
    RC_ASSERT(codes == synthetic::activations(shape, 2, s, code, stream));
  });
}

TEST_CASE("kinds of inputs") {
  const auto kinds = [](const std::string& name) {
    const networks::Network network = networks::load_network(name);
    std::map<std::string, std::string> found;
    for (const graph::WeightLayer& layer : graph::weight_layers(network.graph))
      found[layer.name] = synthetic::activation_kind(network.graph, layer);
    return found;
  };
  const auto resnet = kinds("resnet50");
  CHECK(resnet.at("conv1") == "image");
  CHECK(resnet.at("layer1.0.conv1") == "max_pool");
  CHECK(resnet.at("layer1.0.conv2") == "relu");
  CHECK(resnet.at("layer1.1.conv1") == "relu_sum");
  CHECK(resnet.at("fc") == "pool");
  const auto efficient = kinds("efficientnet-b0");
  CHECK(efficient.at("stage2.0.expand") == "linear");
  CHECK(efficient.at("stage2.0.depthwise") == "swish");
  CHECK(efficient.at("stage2.0.project") == "swish");
  CHECK(efficient.at("stage2.0.se.reduce") == "pool");
  CHECK(kinds("vgg16").at("fc2") == "vector");
  CHECK(kinds("mobilenetv2").at("stage2.0.depthwise") == "relu");
}

TEST_CASE("a synthetic trace: labelled, reproducible, and sparse as its recipe says") {
  const networks::Network network = networks::load_network("resnet20");
  const synthetic::Statistics statistics = synthetic::shipped_statistics();
  const auto make = [&](const std::string& recipe, synthetic::TraceRequest request) {
    return synthetic::write_network_trace(network, compress::Recipe::load(recipe), statistics, request);
  };
  const auto report = make("pruned-int8", {.seed = 7, .images = 2, .output = "a.trace"});
  CHECK_FALSE(report.accuracy_before);
  CHECK_FALSE(report.output_error);
  double zeros = 0, weights = 0;
  const trace::TraceReader reader("a.trace");
  for (std::size_t i = 0; i < reader.metadata().layers.size(); ++i) {
    const trace::LayerInfo& layer = reader.metadata().layers[i];
    reader.check_layer(layer);
    CHECK(layer.weight_provenance == "synthetic");
    CHECK(layer.activations.provenance == "synthetic");
    CHECK(layer.activations.is_signed == (i == 0));
    CHECK(layer.images == 2);
    zeros += layer.statistics.at("weight_value_sparsity") * static_cast<double>(layer.shape.weights());
    weights += static_cast<double>(layer.shape.weights());
  }
  CHECK(zeros / weights == doctest::Approx(0.45).epsilon(0.03));
  const nlohmann::json provenance = parse_json(reader.metadata().provenance, "provenance");
  CHECK(provenance.at("weights") == "synthetic");
  CHECK(provenance.at("activations") == "synthetic");
  CHECK(provenance.at("seed") == 7);
  CHECK(reader.metadata().auxiliary.size() == graph::auxiliary_layers(network.graph).size());

  static_cast<void>(make("pruned-int8", {.seed = 7, .images = 2, .output = "b.trace"}));
  CHECK(read_file("a.trace") == read_file("b.trace"));
  static_cast<void>(make("pruned-int8", {.seed = 8, .images = 2, .output = "b.trace"}));
  CHECK(read_file("a.trace") != read_file("b.trace"));
}

TEST_CASE("recipes named after SmartDeal's Table III give the sparsity of the table") {
  const synthetic::Statistics statistics = synthetic::shipped_statistics();
  const std::vector<std::tuple<std::string, std::string, double>> rows{
      {"mlp2", "mlp2", 0.9333}, {"resnet164", "resnet164", 0.376}, {"resnet164", "resnet164-sparser", 0.61}};
  for (const auto& row : rows) {
    const auto& [name, recipe, sparsity] = row;
    CAPTURE(std::get<1>(row));
    const auto report = synthetic::write_network_trace(networks::load_network(name),
                                                       compress::Recipe::load("smartdeal-table3-" + recipe), statistics,
                                                       {.output = "s.trace"});
    double zeros = 0, coefficients = 0;
    for (const compress::Layer& layer : report.model.layers) {
      if (!layer.smartdeal) continue;
      const auto count = static_cast<double>(layer.smartdeal->coefficients.size());
      zeros += count * layer.statistics.at("coefficient_sparsity");
      coefficients += count;
    }
    CHECK(zeros / coefficients >= sparsity - 0.005);
    CHECK(zeros / coefficients <= sparsity + 0.08);  // elements below theta come on top
  }
}

TEST_CASE("recipes named after TREC's Table 3 give every row its sub-vectors and hash vectors") {
  const networks::Network network = networks::load_network("cifarnet");
  static_cast<void>(synthetic::write_network_trace(network, compress::Recipe::load("trec-table3-cifarnet"),
                                                   synthetic::shipped_statistics(), {.output = "t.trace"}));
  const trace::TraceReader reader("t.trace");
  std::vector<std::pair<std::int64_t, std::int64_t>> found;
  for (const trace::LayerInfo& layer : reader.metadata().layers) {
    if (layer.reuse.length > 0) found.emplace_back(layer.reuse.length, layer.reuse.hashes);
  }
  CHECK(found == std::vector<std::pair<std::int64_t, std::int64_t>>{{5, 15}, {10, 10}});
}

TEST_CASE("a layer's values do not depend on which others are traced") {
  const networks::Network network = networks::load_network("cifarnet");
  const synthetic::Statistics statistics = synthetic::shipped_statistics();
  const compress::Model all = synthetic::make_model(network, statistics, 3);
  const compress::Model convolutions = synthetic::make_model(network, statistics, 3, false);
  REQUIRE(all.layers.size() == 5);
  REQUIRE(convolutions.layers.size() == 2);
  CHECK(all.layers[1].weights == convolutions.layers[1].weights);
  CHECK(all.layers[0].first);
  CHECK(test::bad_input([&] {
          static_cast<void>(synthetic::make_model(networks::load_network("mlp2"), statistics, 3, false));
        }).find("no convolution") != std::string::npos);
}

TEST_CASE("statistics files: every kind is needed, what is unknown is refused with its line") {
  const std::string shipped = synthetic::shipped_statistics().text;
  const auto error = [&](const std::string& from, const std::string& to) {
    std::string text = shipped;
    text.replace(text.find(from), from.size(), to);
    write_file("s.yaml", text);
    return test::bad_input([] { static_cast<void>(synthetic::load_statistics("s.yaml")); });
  };
  CHECK(error("  swish:", "  swsh:").find("unknown kind 'swsh'; did you mean 'swish'?") != std::string::npos);
  CHECK(error("{zero:", "{zeros:").starts_with("s.yaml:4: "));
  CHECK(error("weights:", "weight:").find("unknown key 'weight'") != std::string::npos);
  CHECK(error("negative: 0.5", "negative: 0.995").find("leave room") != std::string::npos);
}
