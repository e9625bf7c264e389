#include <doctest/doctest.h>

#include "tests/support/errors.h"
#include "tests/support/onnx_model.h"
#include "workloads/run/activations.h"

using namespace rebasis;
using test::OnnxModel;

namespace {

/// x [N][1][1][2] -> 1x1 convolution by 2 -> Relu -> 1x1 convolution by 3 -> y
graph::Graph two_layers() {
  OnnxModel model;
  model.input("x", {-1, 1, 1, 2});
  model.initialiser("w", Tensor<float>({1, 1, 1, 1}, {2}));
  model.initialiser("v", Tensor<float>({1, 1, 1, 1}, {3}));
  model.node("Conv", {"x", "w"}, {"a"});
  model.node("Relu", {"a"}, {"r"});
  model.node("Conv", {"r", "v"}, {"y"});
  model.output("y");
  model.write("activations.onnx");
  return graph::import_onnx("activations.onnx");
}

Tensor<float> images() { return Tensor<float>({2, 1, 1, 2}, {-4, 1, 2, 0.5F}); }

}  // namespace

TEST_CASE("calibration: signed where a value is negative, scale from the largest magnitude") {
  const run::Executor executor(two_layers());
  const auto found = run::calibrate(executor, images());
  CHECK(found.at("a_node").is_signed);
  CHECK(found.at("a_node").bits == 8);
  CHECK(found.at("a_node").scale == doctest::Approx(4.0 / 127));
  CHECK(!found.at("y_node").is_signed);
  CHECK(found.at("y_node").scale == doctest::Approx(4.0 / 255));
  run::ActivationOptions options;
  options.unsigned_bits = 7;
  CHECK(run::calibrate(executor, images(), options).at("y_node").bits == 7);
  CHECK(run::calibrate(executor, images(), options).at("y_node").scale == doctest::Approx(4.0 / 127));
  CHECK(run::calibrate(executor, images(), options).at("a_node").bits == 8);
}

TEST_CASE("calibration to a percentile cuts outliers") {
  const run::Executor executor(two_layers());
  Tensor<float> many({1000, 1, 1, 2});
  for (std::size_t i = 0; i < many.values.size(); ++i) many.values[i] = static_cast<float>(i % 1000) / 1000;
  many.values[77] = 50;
  run::ActivationOptions options;
  options.percentile = 99.9;
  CHECK(run::calibrate(executor, many, options).at("a_node").scale * 255 == doctest::Approx(1.0).epsilon(0.02));
  options.percentile = 0;
  CHECK(test::bad_input([&] { static_cast<void>(run::calibrate(executor, many, options)); }) != "(no error)");
}

TEST_CASE("quantisation rounds to even and saturates") {
  trace::ActivationInfo info;
  info.scale = 0.5;
  const Tensor<float> values({6}, {0.25F, 0.75F, -0.75F, 100, 200, 0.1F});
  CHECK(run::quantise(values, info).values == std::vector<std::int32_t>{0, 2, 0, 200, 255, 0});
  info.is_signed = true;
  CHECK(run::quantise(values, info).values == std::vector<std::int32_t>{0, 2, -2, 127, 127, 0});
  info.is_signed = false;
  info.bits = 7;
  CHECK(run::quantise(values, info).values == std::vector<std::int32_t>{0, 2, 0, 127, 127, 0});
}

TEST_CASE("later layers see what quantised earlier layers compute, and codes come in the order of the images") {
  const run::Executor executor(two_layers());
  std::map<std::string, trace::ActivationInfo> infos;
  infos["a_node"].scale = 1;  // unsigned: -4 becomes 0, 0.5 becomes 0
  infos["y_node"].scale = 2;
  for (const std::int64_t batch : {1, 2}) {
    const auto found = run::quantised_activations(executor, images(), infos, {}, batch);
    CHECK(found.at("a_node").codes.values == std::vector<std::int32_t>{0, 1, 2, 0});
    CHECK(found.at("y_node").codes.values == std::vector<std::int32_t>{0, 1, 2, 0});
    CHECK(found.at("y_node").codes.shape == Shape{2, 1, 1, 2});
  }
}

TEST_CASE("hooks replace weights and biases of one layer") {
  const run::Executor executor(two_layers());
  run::RunHooks hooks;
  hooks.weights["y_node"] = Tensor<float>({1, 1, 1, 1}, {10});
  hooks.biases["y_node"] = Tensor<float>({1}, {0.5F});
  CHECK(executor.run(images(), hooks)[0].values == std::vector<float>{0.5F, 20.5F, 40.5F, 10.5F});
  CHECK(executor.run(images())[0].values == std::vector<float>{0, 6, 12, 3});
  hooks.weights["y_node"] = Tensor<float>({2, 1, 1, 1}, {10, 1});
  CHECK_THROWS_AS(static_cast<void>(executor.run(images(), hooks)), Error);
}

TEST_CASE("batches of any size give the same outputs") {
  const run::Executor executor(two_layers());
  Tensor<float> many = test::noise({37, 1, 1, 2}, 5);
  const auto whole = executor.run(many)[0].values;
  for (const std::int64_t batch : {1, 5, 37, 100}) CHECK(executor.run_all(many, {}, batch)[0].values == whole);
}

TEST_CASE("sparsity by hand") {
  trace::ActivationInfo info;
  const Tensor<std::int32_t> codes({1, 1, 2, 4}, {0, 0, 0, 0, 255, 0, 1, 3});
  const auto found = run::sparsity(codes, info);
  CHECK(found.at("activation_value_sparsity") == doctest::Approx(5.0 / 8));
  CHECK(found.at("activation_row_sparsity") == doctest::Approx(0.5));
  CHECK(found.at("activation_bit_sparsity") == doctest::Approx(1 - 11.0 / 64));        // 8 + 1 + 2 ones
  CHECK(found.at("activation_booth_sparsity") == doctest::Approx(1 - 5.0 / (8 * 5)));  // 255, 1, 3: 2 + 1 + 2 digits
  info.is_signed = true;
  const Tensor<std::int32_t> negative({1, 1, 1, 2}, {-1, 0});
  CHECK(run::sparsity(negative, info).at("activation_bit_sparsity") == doctest::Approx(0.5));
  CHECK(run::sparsity(negative, info).at("activation_booth_sparsity") == doctest::Approx(7.0 / 8));
}

TEST_CASE("inputs that do not fit the network, and unsupported operators, are refused by name") {
  const run::Executor executor(two_layers());
  const std::string shape = test::bad_input([&] { static_cast<void>(executor.run(Tensor<float>({1, 1, 1, 3}))); });
  CHECK(shape.find("any x 1 x 1 x 2") != std::string::npos);
  CHECK(shape.find("1 x 1 x 1 x 3") != std::string::npos);
  OnnxModel model;
  model.input("x", {1, 4});
  model.node("Hardmax", {"x"}, {"y"});
  model.output("y");
  model.write("unsupported.onnx");
  const std::string message =
      test::bad_input([] { static_cast<void>(run::Executor(graph::import_onnx("unsupported.onnx"))); });
  for (const char* part : {"unsupported.onnx", "y_node", "Hardmax", "docs/operators.md"})
    CHECK_MESSAGE(message.find(part) != std::string::npos, message);
}

TEST_CASE("inputs are captured as feature maps whatever the layer") {
  OnnxModel model;
  model.input("x", {-1, 2, 3});  // N images of 2 tokens with 3 channels
  model.initialiser("w", test::noise({3, 4}, 1));
  model.node("MatMul", {"x", "w"}, {"y"});
  model.output("y");
  model.write("tokens.onnx");
  const run::Executor executor(graph::import_onnx("tokens.onnx"));
  REQUIRE(executor.layers().size() == 1);
  CHECK(executor.layers()[0].shape.W == 2);
  run::RunHooks hooks;
  Tensor<float> seen;
  hooks.on_input = [&](const graph::WeightLayer&, const Tensor<float>& input) { seen = input; };
  static_cast<void>(executor.run(Tensor<float>({1, 2, 3}, {1, 2, 3, 4, 5, 6}), hooks));
  CHECK(seen.shape == Shape{1, 3, 1, 2});
  CHECK(seen.values == std::vector<float>{1, 4, 2, 5, 3, 6});
}
