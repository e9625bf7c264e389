// The pass "reuse": what it leaves in a trace, and that a network runs with reuse as its definition says.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "tests/support/errors.h"
#include "workloads/compress/network/compress_network.h"
#include "workloads/compress/network/learned_vectors.h"
#include "workloads/reuse/reuse.h"
#include "workloads/trace/trace.h"

using namespace rebasis;
using namespace rebasis::compress;

namespace {

const std::string networks = REBASIS_SOURCE_DIR "/workloads/networks/";

CompressReport compressed(const std::string& recipe, std::int64_t images) {
  CompressRequest request;
  request.network = networks + "fmnist_vggsmall.onnx";
  request.inputs = networks + "fmnist_test64-images-idx3-ubyte";
  request.labels = networks + "fmnist_test64-labels-idx1-ubyte";
  request.input_options.limit = images;
  request.input_options.mean = {0.2860F};
  request.input_options.std = {0.3530F};
  request.trace_images = images;
  request.output = "reuse_pass.trace";
  return compress_network(request, Recipe::parse(recipe, "reuse.yaml"));
}

std::vector<std::int32_t> codes(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  const trace::TensorView view = reader.tensor(layer.name + "/activations");
  if (layer.activations.is_signed) {
    const auto values = view.as<std::int8_t>();
    return {values.begin(), values.end()};
  }
  const auto values = view.as<std::uint8_t>();
  return {values.begin(), values.end()};
}

reuse::HashVectors vectors_of(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  const auto values = reader.tensor(layer.name + "/hash_vectors").as<std::int8_t>();
  return {layer.reuse.length, layer.reuse.hashes, {values.begin(), values.end()}};
}

}  // namespace

TEST_CASE("the network runs with reuse as its definition says") {
  const CompressReport report = compressed("passes: [int8, reuse: {hashes: 6, batch: 2}]\n", 4);
  CHECK(report.accuracy_after.has_value());
  const trace::TraceReader reader("reuse_pass.trace");
  const auto& layers = reader.metadata().layers;
  const trace::LayerInfo &first = layers[0], &second = layers[1];
  REQUIRE(first.op == "conv");
  REQUIRE(second.shape.C == first.shape.M);
  REQUIRE(second.shape.H == first.shape.E());  // nothing but ReLU lies between
  for (const trace::LayerInfo& layer : layers) {
    reader.check_layer(layer);
    CHECK(layer.encoding == "dense-int8");
    CHECK(layer.reuse.on() == (layer.op == "conv"));
  }
  CHECK(first.reuse.length == 9);
  CHECK(first.reuse.hashes == 6);

  const auto weights = reader.tensor(first.name + "/weights").as<std::int8_t>();
  const auto bias = reader.tensor(first.name + "/bias").as<std::int32_t>();
  const auto scales = reader.tensor(first.name + "/weight_scale").as<float>();
  reuse::Counts counts;
  const auto sums =
      reuse::reused_convolution(first.shape, codes(reader, first), 4, weights, vectors_of(reader, first), 2, &counts);
  CHECK(first.statistics.at("reuse_ratio") == doctest::Approx(counts.redundancy()));
  CHECK(first.statistics.at("reuse_sub_vectors") == static_cast<double>(counts.sub_vectors) / 4);
  CHECK(first.statistics.at("reuse_buckets") == static_cast<double>(counts.buckets) / 2);
  CHECK(counts.redundancy() > 0.5);

  const std::vector<std::int32_t> read = codes(reader, second);
  const auto area = static_cast<std::size_t>(first.shape.E() * first.shape.F());
  std::size_t different = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::size_t m = i / area % static_cast<std::size_t>(first.shape.M);
    const double real =
        static_cast<double>(sums[i] + bias[m]) * static_cast<double>(scales[m]) * first.activations.scale;
    const double code = std::nearbyint(std::max(real, 0.0) / second.activations.scale);
    const auto expected = static_cast<std::int32_t>(std::min(code, 255.0));
    CHECK(std::abs(read[i] - expected) <= 1);
    different += read[i] != expected ? 1 : 0;
  }
  CHECK(static_cast<double>(different) < 1e-3 * static_cast<double>(sums.size()));  // floats round elsewhere at halves
}

TEST_CASE("layers that other passes encode, fully connected ones and those left alone are computed in full") {
  const CompressReport report = compressed("passes: [smartdeal: {layers: [{match: '*', leave: true}]}, reuse]\n", 1);
  for (const Layer& layer : report.model.layers) {
    CHECK(layer.reuse.has_value() == (layer.op == "conv"));
  }
  const CompressReport ternary = compressed("passes: [ternary: {keep_first_last: true}, reuse]\n", 1);
  for (const Layer& layer : ternary.model.layers) CHECK_FALSE((layer.reuse.has_value() && layer.ternary.has_value()));
}

TEST_CASE("recipes of reuse that make no sense are refused at their line") {
  const auto said = [](const std::string& text) { return test::bad_input([&] { (void)compressed(text, 1); }); };
  CHECK(said("passes:\n  - reuse: {length: 100000}\n").find("reuse.yaml:2: layer") == 0);
  CHECK(said("passes:\n  - reuse: {vectors: learned}\n").find("has no learned hash vectors; train") !=
        std::string::npos);
  CHECK(said("passes:\n  - reuse: {hashes: 21}\n").find("hashes") != std::string::npos);
  CHECK(said("passes:\n  - reuse:\n      layers:\n        - {match: '*', batch: 2}\n").find("batch") !=
        std::string::npos);
}

TEST_CASE("learned vectors survive the property of a file; a damaged one is refused") {
  const LearnedVectors learned{{"conv1", {3, 2, {1, -2, 127, -128, 0, 5}}}, {"a/b \"c\"", {1, 1, {9}}}};
  CHECK(from_property(to_property(learned), "net.onnx") == learned);
  for (const char* text :
       {"[]", "{", R"({"a": 1})", R"({"a": {"length": 2, "hashes": 1, "vectors": [1]}})",
        R"({"a": {"length": 1, "hashes": 21, "vectors": [1]}})",
        R"({"a": {"length": 1, "hashes": 1, "vectors": [300]}})",
        R"({"a": {"length": 1000000000000, "hashes": 1, "vectors": []}})", R"({"a": {"length": 1, "hashes": 1}})"}) {
    CAPTURE(text);
    CHECK(test::bad_input([&] { (void)from_property(text, "net.onnx"); }).find("net.onnx: property rebasis.reuse") ==
          0);
  }
}
