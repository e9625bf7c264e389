// The recipes named after tables, on the network and images that ship: what each promises holds in its trace.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "../support/process.h"
#include "workloads/encode/layer_decoder.h"
#include "workloads/encode/sizes.h"
#include "workloads/trace/trace.h"

using namespace rebasis;

namespace {

const std::string source = REBASIS_SOURCE_DIR;
const std::string networks = source + "/workloads/networks/";

/// Compresses ResNet-20 with eight images and returns what --json prints.
nlohmann::json compressed(const std::string& recipe, const std::string& trace, const std::string& images = "8") {
  const test::Outcome outcome = test::run_rebasis({"compress", networks + "fmnist_resnet20.onnx", "--recipe", recipe,
                                                   "--inputs", networks + "fmnist_test64-images-idx3-ubyte", "--labels",
                                                   networks + "fmnist_test64-labels-idx1-ubyte", "--limit", images,
                                                   "--mean", "0.2860", "--std", "0.3530", "-o", trace, "--json"});
  CAPTURE(outcome.errors);
  REQUIRE(outcome.status == 0);
  return nlohmann::json::parse(outcome.output);
}

/// Bytes of the parameter tensors of a layer as the format's page counts them.
std::uint64_t stored_bytes(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  std::uint64_t bytes = 0;
  for (const std::string& name : reader.tensor_names()) {
    if (name.starts_with(layer.name + "/") && !name.ends_with("/activations"))
      bytes += reader.tensor(name).bytes.size();
  }
  return bytes;
}

double zeros_of(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  const auto weights = encode::integer_weights(reader, layer);
  return static_cast<double>(std::count(weights.begin(), weights.end(), 0)) / static_cast<double>(weights.size());
}

}  // namespace

TEST_CASE("every recipe named after a table compresses ResNet-20, and its trace holds together") {
  const std::string folder = test::fresh_folder("table_recipes");
  int recipes = 0;
  for (const auto& file : std::filesystem::directory_iterator(source + "/workloads/recipes")) {
    const std::string recipe = file.path().stem().string();
    if (recipe.find("-table") == std::string::npos && !recipe.starts_with("powers-of-two")) continue;
    if (recipe == "ternary-pe-table7") continue;  // in compress_test.cpp
    if (recipe.starts_with("smartdeal-table3") || recipe.starts_with("smartdeal-table4") || recipe.starts_with("trec-"))
      continue;  // of other networks: synthetic_test.cpp
    CAPTURE(recipe);
    recipes += 1;
    const std::string path = folder + "/" + recipe + ".trace";
    const auto json = compressed(recipe, path);
    const trace::TraceReader reader(path);
    std::uint64_t total = 0;
    for (const trace::LayerInfo& layer : reader.metadata().layers) {
      reader.check_layer(layer);
      const encode::LayerSizes sizes = encode::layer_sizes(reader, layer);
      CHECK(sizes.total() <= stored_bytes(reader, layer) + static_cast<std::uint64_t>(layer.shape.M));  // zero points
      if (layer.encoding == "dense-int8" && !layer.statistics.contains("weight_bits"))
        CHECK(sizes.total() == stored_bytes(reader, layer));
      total += sizes.total();
    }
    CHECK(json.at("bytes").at("total").get<std::uint64_t>() == total);
  }
  CHECK(recipes >= 29);
}

TEST_CASE("4-bit weights are half as large in the table and 16 codes in the trace") {
  const std::string path = test::fresh_folder("int4") + "/r20.trace";
  const auto json = compressed("succinct-table2-int4", path, "64");
  CHECK(json.at("accuracy_after").get<double>() > 0.75);
  const trace::TraceReader reader(path);
  const auto& layers = reader.metadata().layers;
  for (const trace::LayerInfo& layer : layers) {
    const bool end = &layer == &layers.front() || &layer == &layers.back();
    const encode::DenseCode code = encode::dense_code(layer);
    CHECK(code.bits == (end ? 8 : 4));
    if (end) continue;
    const auto weights = encode::integer_weights(reader, layer);
    CHECK(*std::max_element(weights.begin(), weights.end()) <= 7);
    CHECK(*std::min_element(weights.begin(), weights.end()) >= -7);
    CHECK(encode::layer_sizes(reader, layer).dense == weights.size() / 2 + 4 * static_cast<std::size_t>(layer.shape.M));
  }
}

TEST_CASE("N:M holds in the integers of the trace") {
  const std::string path = test::fresh_folder("nm") + "/r20.trace";
  compressed("yang-table12-7of8", path);
  const trace::TraceReader reader(path);
  for (const trace::LayerInfo& layer : reader.metadata().layers) {
    if (&layer == &reader.metadata().layers.front()) continue;
    const auto weights = encode::integer_weights(reader, layer);
    const std::int64_t kernel = layer.shape.R * layer.shape.S, channels = layer.shape.channels_per_group();
    for (std::int64_t m = 0; m < layer.shape.M; ++m) {
      for (std::int64_t c = 0; c < channels; c += 8) {
        for (std::int64_t k = 0; k < kernel; ++k) {
          int used = 0;
          for (std::int64_t i = c; i < std::min(c + 8, channels); ++i)
            used += weights[static_cast<std::size_t>((m * channels + i) * kernel + k)] != 0 ? 1 : 0;
          REQUIRE(used <= 1);
        }
      }
    }
  }
}

TEST_CASE("binary and power-of-two weights are what they say, and pruning goes through to the trace") {
  const std::string folder = test::fresh_folder("codes");
  compressed("yang-table4-bwn", folder + "/bwn.trace");
  compressed("smartdeal-table2-exp9", folder + "/exp9.trace");
  const trace::TraceReader bwn(folder + "/bwn.trace"), powers(folder + "/exp9.trace");
  for (std::size_t i = 1; i + 1 < bwn.metadata().layers.size(); ++i) {
    for (const std::int32_t weight : encode::integer_weights(bwn, bwn.metadata().layers[i]))
      REQUIRE(std::abs(weight) == 1);
    CHECK(encode::dense_code(bwn.metadata().layers[i]).bits == 1);
  }
  double zeros = 0, weights = 0;
  const std::set<std::int32_t> codes{0, 1, 2, 4, 8, 16, 32, 64};
  for (const trace::LayerInfo& layer : powers.metadata().layers) {
    for (const std::int32_t weight : encode::integer_weights(powers, layer)) REQUIRE(codes.contains(std::abs(weight)));
    if (&layer == &powers.metadata().layers.front()) continue;  // leave_first
    zeros += zeros_of(powers, layer) * static_cast<double>(layer.shape.weights());
    weights += static_cast<double>(layer.shape.weights());
  }
  CHECK(zeros / weights >= 0.8725 - 1e-5);
}
