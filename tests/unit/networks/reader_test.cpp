// The YAML of networks: names, repeats, expressions, and errors with their lines.
#include <doctest/doctest.h>

#include "tests/support/errors.h"
#include "workloads/network_spec/expression.h"
#include "workloads/network_spec/network.h"

using namespace rebasis;
using networks::parse_network;
using test::bad_input;

namespace {

const std::string head = "name: n\ndescription: d\nsource: s\ninput: [3, 8, 8]\n";

std::vector<std::string> names_of(const networks::Network& network) {
  std::vector<std::string> names;
  for (const graph::WeightLayer& layer : graph::weight_layers(network.graph)) names.push_back(layer.name);
  return names;
}

std::string error_of(const std::string& rest) {
  return bad_input([&] { static_cast<void>(parse_network(head + rest, "n.yaml")); });
}

}  // namespace

TEST_CASE("expressions") {
  const networks::Variables variables{{"width", 16}, {"in", 24}};
  const auto value = [&](const std::string& text) { return networks::evaluate(text, variables, {}); };
  CHECK(value("12") == 12);
  CHECK(value("4 * width") == 64);
  CHECK(value("in/4 + 2*width - 1") == 37);
  for (const char* wrong :
       {"", "4 *", "4 width", "1.5", "in / 7", "in / 0", "(4)", "1099511627777", "width * 1099511627776"}) {
    CAPTURE(wrong);
    CHECK(bad_input([&] { static_cast<void>(value(wrong)); }).find("the expression") != std::string::npos);
  }
  CHECK(bad_input([&] { static_cast<void>(value("widt")); }).find("did you mean 'width'?; known: in, width") !=
        std::string::npos);
}

TEST_CASE("blocks, repeats and branches") {
  const networks::Network network = parse_network(head + R"(blocks:
  twice:
    parameters: [width]
    layers:
      - {conv: 2 * width, name: a, act: relu}
      - {conv: block_in, kernel: 3, from: input, name: b}
      - {concat: [a, b], name: both}
layers:
  - {conv: 4, kernel: [3, 1], stride: 2, repeat: 2}
  - {block: twice, name: x, repeat: 1..2, width: 3}
  - {block: twice, name: y, from: x.1, width: 1}
  - {max_pool: 2}
  - flatten
  - {linear: 5}
)",
                                                  "n.yaml");
  CHECK(names_of(network) ==
        std::vector<std::string>{"conv1", "conv2", "x.1.a", "x.1.b", "x.2.a", "x.2.b", "y.a", "y.b", "fc1"});
  const std::vector<graph::WeightLayer> layers = graph::weight_layers(network.graph);
  CHECK(layers[1].shape.pad_top == 1);
  CHECK(layers[1].shape.pad_left == 0);
  CHECK(layers[1].shape.H == 4);
  CHECK(layers[4].shape.C == 10);      // x.2 reads the 6 + 4 channels of x.1
  CHECK(layers[6].shape.C == 10);      // and so does y
  CHECK(layers[8].shape.C == 2 + 10);  // 2 x 2 maps, pooled to one value
  CHECK_FALSE(layers[4].input_nonnegative);
}

TEST_CASE("a folded batch norm and one that is not count the same parameters") {
  const std::string text =
      head + "layers:\n  - {conv: 4, kernel: 3, norm: batch}\n  - {depthwise: 3, norm: batch, bias: true}\n";
  const networks::Network folded = parse_network(text, "n.yaml");
  const networks::Network plain = parse_network(text, "n.yaml", {.fold_batch_norms = false});
  CHECK(folded.parameter_count == 4 * 27 + 8 + 4 * 9 + 4 + 8);
  CHECK(plain.parameter_count == folded.parameter_count);
  CHECK(folded.graph.nodes.size() == 2);
  CHECK(plain.graph.nodes.size() == 4);
}

TEST_CASE("what is wrong is named with its line") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"layers: []\n", "n.yaml:5: 'layers' must be a list with one item or more"},
      {"layers:\n  - {conv: 4, kernal: 3}\n",
       "n.yaml:6: unknown key 'kernal' in the item 'conv'; did you mean 'kernel'?"},
      {"layers:\n  - {convolution: 4}\n", "n.yaml:6: an item without an operator"},
      {"layers:\n  - {conv: 4, max_pool: 2}\n", "n.yaml:6: an item with several operators: conv, max_pool"},
      {"layers:\n  - {conv: 4, kernel: 3, pad: 0}\n  - {conv: 4, kernel: 9, pad: 0}\n",
       "n.yaml:7: a size of 0 results"},
      {"layers:\n  - {conv: 4, groups: 2}\n", "n.yaml:6: groups: 2 does not divide 3 input"},
      {"layers:\n  - {conv: 2000000}\n", "n.yaml:6: 'conv' is 2000000; it must lie between 1 and 1048576"},
      {"layers:\n  - {linear: 4}\n",
       "n.yaml:6: 'linear' reads a vector, but its input is a feature map; put flatten before it"},
      {"layers:\n  - flatten\n  - max_pool\n", "n.yaml:7: 'max_pool' reads a feature map, but its input is a vector"},
      {"layers:\n  - {conv: 4, name: a}\n  - {conv: 4, name: a}\n", "n.yaml:7: there are two layers named 'a.weight'"},
      {"layers:\n  - {conv: 4, from: b}\n", "n.yaml:6: nothing before it here is named 'b'; known: previous, input"},
      {"layers:\n  - {conv: 4, name: a}\n  - {add: [a, input]}\n", "n.yaml:7: the operands differ in shape"},
      {"layers:\n  - {block: b, name: x}\n", "n.yaml:6: unknown block 'b'"},
      {"blocks:\n  b:\n    layers:\n      - {block: b, name: x}\nlayers:\n  - {block: b, name: x}\n",
       "n.yaml:8: blocks are nested more than 8 deep"},
      {"blocks:\n  b:\n    parameters: [in]\n    layers: [relu]\nlayers:\n  - relu\n",
       "n.yaml:7: 'in' cannot be the name of a parameter"},
      {"layers:\n  - {conv: 4, repeat: 3..1}\n", "n.yaml:6: the expression '3..1'"},
      {"published:\n  - {parameters: 3, tolerance: 2, source: s}\nlayers: [relu]\n",
       "n.yaml:6: the tolerance is a share"},
      {"layers:\n  - {conv: 1000000}\n  - {conv: 1000000, kernel: 100}\n", "n.yaml:7: more than 2^31 elements result"},
  };
  for (const auto& entry : cases) {
    const auto& [text, message] = entry;
    CAPTURE(entry.first);
    const std::string error = error_of(text);
    CAPTURE(error);
    CHECK(error.starts_with(message));
  }
}

TEST_CASE("a network that would be huge is refused before it is built") {
  std::string text = "blocks:\n  b0:\n    layers:\n      - {conv: 4, repeat: 100}\n";
  for (int i = 1; i < 7; ++i) {
    const std::string n = std::to_string(i), before = std::to_string(i - 1);
    text += "  b" + n + ":\n    layers:\n      - {block: b" + before + ", name: x, repeat: 100}\n";
  }
  CHECK(error_of(text + "layers:\n  - {block: b6, name: x, repeat: 100}\n").find("more than 20000 nodes") !=
        std::string::npos);
}
