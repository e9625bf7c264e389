// What lies between the layers and what it moves, counted by hand.
#include <doctest/doctest.h>

#include "tests/support/onnx_model.h"
#include "workloads/graph/layers.h"

using namespace rebasis;
using test::OnnxModel;

namespace {

class Network {
 public:
  Network() { model_.input("x", {-1, 4, 8, 8}); }

  /// 3x3 convolution of 4 channels that keeps 8 x 8.
  void conv(const std::string& input, const std::string& output) {
    model_.initialiser(output + "_w", test::noise({4, 4, 3, 3}, 7));
    test::set(model_.node("Conv", {input, output + "_w"}, {output}), "pads", std::vector<std::int64_t>{1, 1, 1, 1});
  }
  void node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output) {
    model_.node(op, inputs, {output});
  }

  std::vector<trace::AuxiliaryInfo> auxiliary(const std::string& output) {
    model_.output(output);
    model_.write("auxiliary.onnx");
    return graph::auxiliary_layers(graph::import_onnx("auxiliary.onnx"));
  }

 private:
  OnnxModel model_;
};

constexpr std::int64_t map = 4 * 8 * 8;

}  // namespace

TEST_CASE("an activation function after a layer moves nothing") {
  Network network;
  network.conv("x", "a");
  network.node("Relu", {"a"}, "y");
  const auto found = network.auxiliary("y");
  REQUIRE(found.size() == 1);
  CHECK(found[0].op == "Relu");
  CHECK(found[0].fused);
  CHECK(found[0].after == "a_node");
  CHECK(found[0].input_elements == 0);
  CHECK(found[0].output_elements == 0);
}

TEST_CASE("x * sigmoid(x) is computed from one stream") {
  Network network;
  network.conv("x", "a");
  network.node("Sigmoid", {"a"}, "s");
  network.node("Mul", {"a", "s"}, "y");
  for (const auto& info : network.auxiliary("y")) CHECK(info.input_elements + info.output_elements == 0);
}

TEST_CASE("a residual addition reads the other operand") {
  Network network;
  network.conv("x", "a");
  network.node("Relu", {"a"}, "r");
  network.conv("r", "b");
  network.node("Add", {"b", "r"}, "sum");
  network.node("Relu", {"sum"}, "y");
  const auto found = network.auxiliary("y");
  REQUIRE(found.size() == 3);
  CHECK(found[1].op == "Add");
  CHECK(found[1].fused);
  CHECK(found[1].after == "b_node");
  CHECK(found[1].input_elements == map);
  CHECK(found[1].output_elements == 0);
  CHECK(found[2].input_elements + found[2].output_elements == 0);
}

TEST_CASE("a tensor needed before and after its activation function is written twice") {
  Network network;
  network.conv("x", "a");
  network.node("Relu", {"a"}, "r");
  network.conv("r", "b");
  network.node("Add", {"b", "a"}, "y");  // reads the form before the Relu
  const auto found = network.auxiliary("y");
  REQUIRE(found.size() == 2);
  CHECK(found[0].op == "Relu");
  CHECK(found[0].output_elements == map);
  CHECK(found[1].input_elements == map);
}

TEST_CASE("pooling and concatenation read and write; views move nothing") {
  OnnxModel model;
  model.input("x", {-1, 4, 8, 8});
  for (const char* name : {"a", "b"}) {
    model.initialiser(std::string(name) + "_w", test::noise({4, 4, 1, 1}, 5));
    model.node("Conv", {"x", std::string(name) + "_w"}, {name});
  }
  test::set(model.node("Concat", {"a", "b"}, {"c"}), "axis", std::int64_t{1});
  model.node("GlobalAveragePool", {"c"}, {"p"});
  model.node("Flatten", {"p"}, {"y"});
  model.output("y");
  model.write("auxiliary.onnx");
  const auto found = graph::auxiliary_layers(graph::import_onnx("auxiliary.onnx"));
  REQUIRE(found.size() == 2);
  CHECK(found[0].op == "Concat");
  CHECK(!found[0].fused);
  CHECK(found[0].input_elements == 2 * map);
  CHECK(found[0].output_elements == 2 * map);
  CHECK(found[1].op == "GlobalAveragePool");
  CHECK(found[1].input_elements == 2 * map);
  CHECK(found[1].output_elements == 8);
}

TEST_CASE("a scale a channel that is computed later cannot be applied in the stream") {
  OnnxModel model;
  model.input("x", {-1, 4, 8, 8});
  model.initialiser("w", test::noise({4, 4, 1, 1}, 5));
  model.node("Conv", {"x", "w"}, {"a"});
  model.node("GlobalAveragePool", {"a"}, {"p"});
  model.node("Conv", {"p", "w"}, {"e"});
  model.node("HardSigmoid", {"e"}, {"s"});
  model.node("Mul", {"a", "s"}, {"y"});
  model.output("y");
  model.write("auxiliary.onnx");
  const auto found = graph::auxiliary_layers(graph::import_onnx("auxiliary.onnx"));
  REQUIRE(found.size() == 3);
  CHECK(found[2].op == "Mul");
  CHECK(!found[2].fused);
  CHECK(found[2].input_elements == map + 4);
  CHECK(found[2].output_elements == map);
}
