// docs/examples/read_trace.py, a reader written from the format page alone, against the decoder.
#include <doctest/doctest.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>
#include <span>
#include <string>

#include "tests/support/sample_trace.h"
#include "workloads/encode/layer_decoder.h"
#include "workloads/trace/trace.h"

using namespace rebasis;

namespace {

const std::string python = REBASIS_PYTHON;

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) text += static_cast<char>(c);
  CHECK(pclose(pipe) == 0);
  return text;
}

/// Adds a SmartDeal layer of random coefficients.
trace::LayerInfo add_random_layer(trace::TraceWriter& writer, const std::string& name, const LayerShape& shape,
                                  const trace::SmartDealInfo& info, double density, std::mt19937& random) {
  encode::SmartDealForm form;
  form.info = info;
  form.filters = shape.M;
  std::uniform_real_distribution<double> uniform(0, 1);
  const auto symbols = static_cast<int>(info.exponents.size());
  for (std::int64_t i = 0; i < shape.M * info.rows * info.n; ++i) {
    // The square makes small codes frequent, so that code lengths differ.
    const int code = 1 + static_cast<int>(uniform(random) * uniform(random) * symbols);
    const bool zero = uniform(random) >= density;
    form.coefficients.push_back(static_cast<encode::Coefficient>(zero ? 0 : uniform(random) < 0.5 ? code : -code));
  }
  const auto slices = static_cast<std::int64_t>(info.slice_rows.size());
  for (std::int64_t i = 0; i < shape.M * slices * info.n * info.n; ++i)
    form.basis.push_back(static_cast<std::int8_t>(random() % 256 - 128));
  for (std::int64_t m = 0; m < shape.M; ++m) form.basis_shift.push_back(static_cast<std::int8_t>(random() % 9));

  trace::LayerInfo layer;
  layer.name = name;
  layer.op = "conv";
  layer.shape = shape;
  layer.encoding = "smartdeal";
  layer.smartdeal = info;
  const auto add = [&](const std::string& part, const Shape& extents, const auto& values) {
    writer.add(name + "/" + part, extents, std::span(values));
  };
  const auto length = [](const auto& values) { return Shape{static_cast<std::int64_t>(values.size())}; };
  const encode::EncodedCoefficients encoded = encode::encode(form);
  const std::vector<std::uint8_t> zeros(static_cast<std::size_t>(shape.C * shape.H * shape.W));
  add("activations", {1, shape.C, shape.H, shape.W}, std::span<const std::uint8_t>(zeros));
  add("row_index", length(encoded.row_index), std::span<const std::uint8_t>(encoded.row_index));
  add("element_index", length(encoded.element_index), std::span<const std::uint8_t>(encoded.element_index));
  add("coefficients", length(encoded.coefficients), std::span<const std::uint8_t>(encoded.coefficients));
  add("code_lengths", length(encoded.code_lengths), std::span<const std::uint8_t>(encoded.code_lengths));
  add("filter_bits", {shape.M}, std::span<const std::uint32_t>(encoded.filter_bits));
  add("basis", {shape.M, slices, info.n, info.n}, std::span<const std::int8_t>(form.basis));
  add("basis_shift", {shape.M}, std::span<const std::int8_t>(form.basis_shift));
  return layer;
}

void compare(const std::string& path) {
  const trace::TraceReader reader(path);
  for (const trace::LayerInfo& layer : reader.metadata().layers) {
    const std::string command =
        python + " " REBASIS_SOURCE_DIR "/docs/examples/read_trace.py " + path + " '" + layer.name + "'";
    const auto decoded = nlohmann::json::parse(output_of(command));
    const std::vector<std::int32_t> expected = encode::integer_weights(reader, layer);
    std::vector<std::int32_t> found;
    for (const auto& filter : decoded["weights"])
      for (const auto& channel : filter)
        for (const auto& row : channel)
          for (const auto& value : row) found.push_back(value.get<std::int32_t>());
    CHECK_MESSAGE(found == expected, layer.name);
    CHECK(decoded["unit"].get<std::vector<double>>() == encode::weight_units(reader, layer));
  }
}

}  // namespace

TEST_CASE("the example reader decodes the sample trace") {
  if (python.empty()) {
    MESSAGE("skipped: there is no python3");
    return;
  }
  test::write_sample_trace("sample.trace");
  compare("sample.trace");
}

TEST_CASE("the example reader decodes a ternary layer") {
  if (python.empty()) {
    MESSAGE("skipped: there is no python3");
    return;
  }
  test::write_ternary_trace("ternary.trace");
  compare("ternary.trace");
}

TEST_CASE("the example reader decodes random SmartDeal layers") {
  if (python.empty()) {
    MESSAGE("skipped: there is no python3");
    return;
  }
  std::mt19937 random(2);
  trace::TraceWriter writer;
  trace::Metadata metadata;
  metadata.network = "random";
  metadata.layers.push_back(add_random_layer(writer, "kernel rows", {.M = 5, .C = 6, .H = 3, .W = 3, .R = 3, .S = 3},
                                             {3, 18, {9, 9}, true, {-4, -3, -1, 0, 1}}, 0.4, random));
  metadata.layers.push_back(add_random_layer(writer, "channels with padding", {.M = 4, .C = 16, .H = 2, .W = 2},
                                             {3, 6, {2, 4}, false, {-7, -6, -5, -4, -3, -2, -1, 0}}, 0.2, random));
  metadata.layers.push_back(add_random_layer(writer, "depthwise 5x5",
                                             {.M = 4, .C = 4, .H = 6, .W = 6, .R = 5, .S = 5, .groups = 4},
                                             {5, 5, {5}, true, {0}}, 0.9, random));
  metadata.layers.push_back(
      add_random_layer(writer, "empty", {.M = 2, .C = 4, .H = 2, .W = 2}, {2, 2, {2}, false, {-1, 0}}, 0.0, random));
  writer.write("random.trace", metadata);
  compare("random.trace");
}
