// Networks as ONNX files: what the importer reads back is what the network file says, and the executor runs it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <regex>

#include "common/data_dir.h"
#include "common/file.h"
#include "workloads/graph/replace_constants.h"
#include "workloads/graph/write_onnx.h"
#include "workloads/network_spec/network.h"
#include "workloads/run/executor.h"
#include "workloads/synthetic/fill.h"
#include "workloads/synthetic/network_trace.h"

using namespace rebasis;
using networks::Network;

namespace {

/// The network's text with numbers of channels divided, so that large networks are quick to write and read.
std::string smaller(const std::string& name) {
  std::string text = read_file(data_path("workloads/networks/" + name + ".yaml"));
  if (name == "deit-b") text = std::regex_replace(text, std::regex("conv: 768"), "conv: 48");
  if (name == "deeplabv3plus" || name == "resnet50")
    text = std::regex_replace(text, std::regex("(width: |conv: )(64|128|256|512)\\b"), "$0 / 16");
  if (name == "alexnet" || name == "vgg11" || name == "zfnet")
    text = std::regex_replace(text, std::regex("(conv: |linear: )(64|96|128|192|256|384|512|4096)\\b"), "$0 / 16");
  return text;
}

const std::vector<std::string>& tested() {
  static const std::vector<std::string> names{
      "alexnet",  "vgg11",    "vgg19-cifar10",   "vgg16-cifar10", "resnet18-cifar10", "resnet20",
      "resnet56", "resnet50", "resnet164",       "wide-resnet32", "mobilenetv2",      "mobilenetv2-cifar10",
      "mlp1",     "mlp2",     "efficientnet-b0", "deeplabv3plus", "squeezenet",       "squeezenet-bypass",
      "cifarnet", "zfnet",    "deit-b"};
  return names;
}

graph::Graph exported(const Network& network, const synthetic::Statistics& statistics, const std::string& file) {
  const synthetic::Filler filler(network, statistics, 5);
  graph::write_onnx(
      network.graph, [&](const std::string& name) { return filler.values(name); },
      {{graph::weights_property, "synthetic"}}, file);
  return graph::import_onnx(file);
}

/// Parameters that libonnx's file holds.
std::int64_t parameters_in(const std::string& file) {
  graph::ImportOptions options;
  options.fold_batch_norms = false;
  const graph::Graph plain = graph::import_onnx(file, options);
  std::int64_t count = 0;
  for (const auto& [name, constant] : plain.constants) {
    const bool running = name.ends_with(".running_mean") || name.ends_with(".running_var");
    if (constant.is_float() && !constant.shape().empty() && !running) count += element_count(constant.shape());
  }
  return count;
}

}  // namespace

TEST_CASE("what is exported is imported as the same layers, weights and traffic, and runs") {
  const synthetic::Statistics statistics = synthetic::shipped_statistics();
  for (const std::string& name : tested()) {
    CAPTURE(name);
    const std::string text = smaller(name);
    const Network plain = networks::parse_network(text, name, {.fold_batch_norms = false});
    const Network folded = networks::parse_network(text, name);
    const graph::Graph imported = exported(plain, statistics, "n.onnx");
    CHECK(imported.synthetic_weights);
    CHECK(parameters_in("n.onnx") == plain.parameter_count);

    const std::vector<graph::WeightLayer> wanted = graph::weight_layers(folded.graph);
    const std::vector<graph::WeightLayer> found = graph::weight_layers(imported);
    const compress::Model model = synthetic::make_model(folded, statistics, 5);
    REQUIRE(found.size() == wanted.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      CAPTURE(wanted[i].name);
      CHECK(found[i].name == wanted[i].name);
      CHECK(found[i].op == wanted[i].op);
      CHECK(found[i].shape == wanted[i].shape);
      CHECK(found[i].input_nonnegative == wanted[i].input_nonnegative);
      CHECK(found[i].bias.empty() == wanted[i].bias.empty());
      const Tensor<float> weights = graph::layer_weights(imported, found[i]);
      const bool equal = std::ranges::equal(weights.values, model.layers[i].weights, [](float a, float b) {
        return std::abs(a - b) <= 2e-5F * std::abs(b);  // epsilon of the batch norm
      });
      CHECK(equal);
      CHECK(synthetic::activation_kind(imported, found[i]) == synthetic::activation_kind(folded.graph, wanted[i]));
    }
    const std::vector<trace::AuxiliaryInfo> traffic = graph::auxiliary_layers(imported);
    const std::vector<trace::AuxiliaryInfo> expected = graph::auxiliary_layers(folded.graph);
    REQUIRE(traffic.size() == expected.size());
    for (std::size_t i = 0; i < traffic.size(); ++i) {
      CAPTURE(traffic[i].name);
      CHECK(traffic[i].name == expected[i].name);
      CHECK(traffic[i].after == expected[i].after);
      CHECK(traffic[i].input_elements == expected[i].input_elements);
      CHECK(traffic[i].output_elements == expected[i].output_elements);
    }
    Tensor<float> image(folded.graph.inputs[0].shape);
    for (std::size_t i = 0; i < image.values.size(); ++i) image.values[i] = static_cast<float>(i % 17) / 8 - 1;
    const std::vector<Tensor<float>> outputs = run::Executor(imported).run_all(image, {}, 1);
    REQUIRE(outputs.size() == 1);
    CHECK(outputs[0].shape == folded.graph.outputs[0].shape);
    CHECK(std::ranges::all_of(outputs[0].values, [](float value) { return std::isfinite(value); }));
  }
}

TEST_CASE("weights that replace synthetic ones are no longer called so") {
  const Network network = networks::load_network("mlp2", {.fold_batch_norms = false});
  const graph::Graph imported = exported(network, synthetic::shipped_statistics(), "n.onnx");
  CHECK(imported.synthetic_weights);
  graph::replace_constants("n.onnx", {{"fc1.bias", imported.float_constant("fc1.bias")}}, {}, "t.onnx");
  CHECK_FALSE(graph::import_onnx("t.onnx").synthetic_weights);
}
