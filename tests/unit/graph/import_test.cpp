#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "tests/support/errors.h"
#include "tests/support/onnx_model.h"
#include "workloads/graph/graph.h"
#include "workloads/graph/layers.h"

using namespace rebasis;
using test::OnnxModel;

namespace {

constexpr const char* path = "network.onnx";

graph::Graph imported(const OnnxModel& model, bool fold = true) {
  model.write(path);
  graph::ImportOptions options;
  options.fold_batch_norms = fold;
  return graph::import_onnx(path, options);
}

std::string refusal(const OnnxModel& model) {
  model.write(path);
  return test::bad_input([] { static_cast<void>(graph::import_onnx(path)); });
}

/// x [N][2][6][6] -> Conv 3 filters 3x3 -> y
OnnxModel convolution(bool constant_nodes = false) {
  OnnxModel model;
  model.input("x", {-1, 2, 6, 6});
  if (constant_nodes) {
    model.constant_node("w", test::noise({3, 2, 3, 3}, 1));
  } else {
    model.initialiser("w", test::noise({3, 2, 3, 3}, 1));
  }
  test::set(model.node("Conv", {"x", "w"}, {"y"}), "pads", std::vector<std::int64_t>{1, 0, 2, 1});
  model.output("y");
  return model;
}

void write_bytes(const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
}

bool mentions(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("weights are found in initialisers and in Constant nodes") {
  for (const bool constant_nodes : {false, true}) {
    const graph::Graph graph = imported(convolution(constant_nodes));
    CHECK(graph.nodes.size() == 1);
    CHECK(graph.inputs.size() == 1);
    CHECK(graph.inputs[0].shape == Shape{-1, 2, 6, 6});
    CHECK(graph.shapes.at("y") == Shape{1, 3, 7, 5});
    CHECK(graph.sha256.size() == 64);
    const auto layers = graph::weight_layers(graph);
    REQUIRE(layers.size() == 1);
    CHECK(layers[0].name == "y_node");
    CHECK(layers[0].shape.pad_top == 1);
    CHECK(layers[0].shape.pad_left == 0);
    CHECK(layers[0].shape.pad_bottom == 2);
    CHECK(layers[0].shape.pad_right == 1);
    CHECK(layers[0].shape.E() == 7);
    CHECK(layers[0].shape.F() == 5);
    CHECK(graph::layer_weights(graph, layers[0]).values == test::noise({3, 2, 3, 3}, 1).values);
  }
}

TEST_CASE("a batch-norm is folded into the convolution in front of it, by hand") {
  OnnxModel model;
  model.input("x", {-1, 1, 1, 1});
  model.initialiser("w", Tensor<float>({2, 1, 1, 1}, {3, 5}));
  model.initialiser("b", Tensor<float>({2}, {1, -1}));
  model.initialiser("gamma", Tensor<float>({2}, {2, 4}));
  model.initialiser("beta", Tensor<float>({2}, {10, 20}));
  model.initialiser("mean", Tensor<float>({2}, {0.5F, 1}));
  model.initialiser("var", Tensor<float>({2}, {3.75F, 15.75F}));
  model.node("Conv", {"x", "w", "b"}, {"c"});
  test::set(model.node("BatchNormalization", {"c", "gamma", "beta", "mean", "var"}, {"y"}), "epsilon", 0.25F);
  model.output("y");
  const graph::Graph graph = imported(model);
  REQUIRE(graph.nodes.size() == 1);
  const auto layers = graph::weight_layers(graph);
  // gamma / sqrt(var + eps) is 1 for both channels.
  CHECK(graph::layer_weights(graph, layers[0]).values == std::vector<float>{3, 5});
  CHECK(graph::layer_bias(graph, layers[0]).values == std::vector<float>{1 - 0.5F + 10, -1 - 1 + 20});
  CHECK(layers[0].bn_gamma == std::vector<float>{2, 4});
  CHECK(layers[0].output == "y");
  CHECK(imported(model, false).nodes.size() == 2);
}

TEST_CASE("a batch-norm stays when something else reads the convolution's output") {
  OnnxModel model;
  model.input("x", {-1, 1, 4, 4});
  model.initialiser("w", test::noise({1, 1, 1, 1}, 3));
  for (const char* name : {"gamma", "beta", "mean", "var"}) model.initialiser(name, Tensor<float>({1}, {1}));
  model.node("Conv", {"x", "w"}, {"c"});
  model.node("BatchNormalization", {"c", "gamma", "beta", "mean", "var"}, {"n"});
  model.node("Add", {"c", "n"}, {"y"});
  model.output("y");
  const graph::Graph graph = imported(model);
  CHECK(graph.nodes.size() == 3);
  CHECK(graph.folded_gamma.empty());
}

TEST_CASE("Gemm and MatMul give the same layer, alpha and beta absorbed") {
  OnnxModel model;
  model.input("x", {-1, 3});
  model.initialiser("w", Tensor<float>({3, 2}, {1, 2, 3, 4, 5, 6}));
  model.initialiser("c", Tensor<float>({2}, {10, 20}));
  auto& gemm = model.node("Gemm", {"x", "w", "c"}, {"h"});
  test::set(gemm, "alpha", 2.0F);
  test::set(gemm, "beta", 0.5F);
  model.initialiser("v", Tensor<float>({2, 2}, {1, 2, 3, 4}));
  model.node("MatMul", {"h", "v"}, {"y"});
  model.output("y");
  const graph::Graph graph = imported(model);
  const auto layers = graph::weight_layers(graph);
  REQUIRE(layers.size() == 2);
  CHECK(layers[0].op == "fc");
  CHECK(layers[0].shape.M == 2);
  CHECK(layers[0].shape.C == 3);
  CHECK(graph::layer_weights(graph, layers[0]).values == std::vector<float>{2, 6, 10, 4, 8, 12});
  CHECK(graph::layer_bias(graph, layers[0]).values == std::vector<float>{5, 10});
  const Tensor<float> back =
      graph::constant_from_layer_weights(graph, layers[0], graph::layer_weights(graph, layers[0]));
  CHECK(back.values == graph.float_constant(layers[0].weight).values);
  CHECK(graph::layer_weights(graph, layers[1]).values == std::vector<float>{1, 3, 2, 4});
}

TEST_CASE("names are made unique and fit for file names") {
  OnnxModel model = convolution();
  model.proto.mutable_graph()->mutable_node(0)->set_name("/block.0/conv");
  model.node("Relu", {"y"}, {"a"}).set_name("");
  model.node("Relu", {"a"}, {"b"}).set_name(".block.0/conv");
  const graph::Graph graph = imported(model);
  CHECK(graph.nodes[0].name == "block.0.conv");
  CHECK(graph.nodes[1].name == "Relu_1");
  CHECK(graph.nodes[2].name == "block.0.conv_2");
}

TEST_CASE("NaN and infinite weights are refused by name") {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    OnnxModel model = convolution();
    model.proto.mutable_graph()->mutable_initializer(0)->set_float_data(7, bad);
    const std::string message = refusal(model);
    CHECK_MESSAGE(mentions(message, "'w'"), message);
    CHECK_MESSAGE(mentions(message, "element 7"), message);
  }
  // Infinity is legal where it is no weight.
  OnnxModel model;
  model.input("x", {1, 4});
  model.initialiser("low", Tensor<float>({}, {-std::numeric_limits<float>::infinity()}));
  model.node("Clip", {"x", "low"}, {"y"});
  model.output("y");
  CHECK(imported(model).nodes.size() == 1);
}

TEST_CASE("unsupported content is named") {
  OnnxModel foreign = convolution();
  auto& node = foreign.node("Swish", {"y"}, {"z"});
  node.set_domain("com.example");
  CHECK(mentions(refusal(foreign), "'z_node' ('Swish') of domain 'com.example'"));

  OnnxModel unknown = convolution();
  unknown.node("NoSuchOperator", {"y"}, {"z"});
  CHECK(mentions(refusal(unknown), "'NoSuchOperator'"));

  OnnxModel dangling = convolution();
  dangling.node("Relu", {"nowhere"}, {"z"});
  CHECK(mentions(refusal(dangling), "reads 'nowhere'"));

  OnnxModel strings = convolution();
  strings.proto.mutable_graph()->mutable_initializer(0)->set_data_type(onnx::TensorProto::STRING);
  CHECK(mentions(refusal(strings), "'w'"));

  // libonnx 1.12 crashes on a convolution of a matrix.
  OnnxModel matrix;
  matrix.input("x", {-1, -1});
  matrix.initialiser("w", test::noise({3, 2, 3, 3}, 1));
  matrix.node("Conv", {"x", "w"}, {"y"});
  matrix.output("y");
  CHECK(mentions(refusal(matrix), "network.onnx: is not valid ONNX"));
}

TEST_CASE("damaged tensors are named before anything is allocated") {
  OnnxModel lie = convolution();
  lie.proto.mutable_graph()->mutable_initializer(0)->set_dims(0, 1'000'000'000);
  CHECK(mentions(refusal(lie), "'w'"));
  OnnxModel negative = convolution();
  negative.proto.mutable_graph()->mutable_initializer(0)->set_dims(0, -3);
  CHECK(mentions(refusal(negative), "'w'"));
  OnnxModel huge = convolution();
  for (int axis = 0; axis < 4; ++axis)
    huge.proto.mutable_graph()->mutable_initializer(0)->set_dims(axis, std::int64_t{1} << 40);
  CHECK(mentions(refusal(huge), "w"));
  OnnxModel shapes = convolution();
  shapes.proto.mutable_graph()->mutable_initializer(0)->set_dims(0, 2);
  shapes.proto.mutable_graph()->mutable_initializer(0)->set_dims(1, 3);
  CHECK(!mentions(
      refusal(shapes) + test::bad_input([] { static_cast<void>(graph::weight_layers(graph::import_onnx(path))); }),
      "(other status)"));
}

TEST_CASE("external data must lie in the network's folder") {
  std::filesystem::create_directories("model/weights");
  std::filesystem::create_directories("elsewhere");
  const Tensor<float> weights = test::noise({3, 2, 3, 3}, 1);
  for (const char* file : {"model/weights/w.bin", "elsewhere/w.bin"}) {
    std::ofstream data(file, std::ios::binary);
    data.write(reinterpret_cast<const char*>(weights.values.data()),
               static_cast<std::streamsize>(weights.values.size() * sizeof(float)));
  }
  std::filesystem::remove("model/link.bin");
  std::filesystem::create_symlink("../elsewhere/w.bin", "model/link.bin");
  const auto import_with = [&](const std::string& location, const std::string& length) {
    OnnxModel model = convolution();
    auto* const tensor = model.proto.mutable_graph()->mutable_initializer(0);
    tensor->clear_float_data();
    tensor->set_data_location(onnx::TensorProto::EXTERNAL);
    auto* entry = tensor->add_external_data();
    entry->set_key("location");
    entry->set_value(location);
    entry = tensor->add_external_data();
    entry->set_key("length");
    entry->set_value(length);
    model.write("model/net.onnx");
    return graph::import_onnx("model/net.onnx");
  };
  const graph::Graph graph = import_with("weights/w.bin", "216");
  CHECK(graph.float_constant("w").values == weights.values);
  const auto refused = [&](const std::string& location, const std::string& length = "216") {
    return test::bad_input([&] { static_cast<void>(import_with(location, length)); });
  };
  CHECK(mentions(refused("../elsewhere/w.bin"), "own folder"));
  CHECK(mentions(refused("link.bin"), "own folder"));
  CHECK(mentions(refused("/etc/passwd"), "own folder"));
  CHECK(mentions(refused(""), "own folder"));
  CHECK(mentions(refused("weights/w.bin", "217"), "shorter"));
  CHECK(mentions(refused("weights/w.bin", "-1"), "bad offset"));
  CHECK(mentions(refused("weights/missing.bin"), "missing.bin"));
}

TEST_CASE("empty, foreign, truncated and bit-flipped files are refused or imported, never worse") {
  write_bytes("");
  CHECK(mentions(test::bad_input([] { static_cast<void>(graph::import_onnx(path)); }), "empty"));
  write_bytes("This is no network.");
  CHECK(mentions(test::bad_input([] { static_cast<void>(graph::import_onnx(path)); }), "ONNX"));
  CHECK(mentions(test::bad_input([] { static_cast<void>(graph::import_onnx("missing.onnx")); }), "missing.onnx"));

  const std::string whole = convolution().bytes();
  int refused = 0;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    write_bytes(whole.substr(0, length));
    refused += test::bad_input([] { static_cast<void>(graph::import_onnx(path)); }) != "(no error)" ? 1 : 0;
  }
  CHECK(refused > static_cast<int>(whole.size()) * 9 / 10);
  for (std::size_t bit = 0; bit < 8 * whole.size(); bit += 3) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    write_bytes(flipped);
    const std::string message = test::bad_input([] {
      const graph::Graph graph = graph::import_onnx(path);
      for (const auto& layer : graph::weight_layers(graph)) static_cast<void>(graph::layer_weights(graph, layer));
      static_cast<void>(graph::auxiliary_layers(graph));
    });
    CHECK_MESSAGE(!mentions(message, "(other status)"), "bit " << bit << ": " << message);
  }
}

TEST_CASE("open extents other than the batch come from the options") {
  OnnxModel model;
  model.input("x", {-1, 2, -1, -1});
  model.initialiser("w", test::noise({3, 2, 3, 3}, 1));
  model.node("Conv", {"x", "w"}, {"y"});
  model.output("y");
  const graph::Graph open = imported(model);
  CHECK(mentions(test::bad_input([&] { static_cast<void>(graph::weight_layers(open)); }), "shape"));
  graph::ImportOptions options;
  options.input_shapes["x"] = {1, 2, 10, 12};
  const auto layers = graph::weight_layers(graph::import_onnx(path, options));
  CHECK(layers[0].shape.H == 10);
  CHECK(layers[0].shape.F() == 10);
  options.input_shapes["x"] = {1, 3, 10, 12};
  CHECK(mentions(test::bad_input([&] { static_cast<void>(graph::import_onnx(path, options)); }), "'x'"));
}
