// Trained networks against ONNX Runtime's outputs and their stated accuracy.
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "workloads/io/npy.h"
#include "workloads/run/activations.h"
#include "workloads/run/network_inputs.h"

using namespace rebasis;

namespace {

const std::string networks = std::string(REBASIS_SOURCE_DIR) + "/workloads/networks/";
const std::string ppocr = std::string(REBASIS_SOURCE_DIR) + "/tests/data/ppocr/";
const std::string fashion = "/usr/share/datasets/fashion-mnist/";

/// Largest |y - r| over the largest |r|.
double difference(const Tensor<float>& outputs, const Tensor<float>& reference) {
  REQUIRE(outputs.shape == reference.shape);
  double gap = 0, range = 0;
  for (std::size_t i = 0; i < reference.values.size(); ++i) {
    gap = std::max(gap, std::abs(static_cast<double>(outputs.values[i]) - reference.values[i]));
    range = std::max(range, std::abs(static_cast<double>(reference.values[i])));
  }
  return gap / range;
}

io::InputOptions fashion_options() {
  io::InputOptions options;
  options.mean = {0.2860F};
  options.std = {0.3530F};
  return options;
}

run::NetworkInputs fashion_test_set(const std::string& network, std::int64_t limit = 0) {
  REQUIRE_MESSAGE(std::filesystem::exists(fashion), "the Debian package dataset-fashion-mnist is needed");
  io::InputOptions options = fashion_options();
  options.limit = limit;
  return run::load_network_and_inputs(networks + network, fashion + "t10k-images-idx3-ubyte.gz",
                                      fashion + "t10k-labels-idx1-ubyte.gz", options);
}

}  // namespace

TEST_CASE("networks reproduce ONNX Runtime's outputs, with and without folded batch-norms") {
  for (const std::string& stem : {networks + "fmnist_resnet20", networks + "fmnist_vggsmall", ppocr + "ppocr_cls"}) {
    const Tensor<float> reference = io::read_npy_float(stem + ".output.npy");
    for (const bool fold : {true, false}) {
      graph::ImportOptions options;
      options.fold_batch_norms = fold;
      const auto loaded = run::load_network_and_inputs(stem + ".onnx", stem + ".input.npy", "", {}, options);
      const run::Executor executor(loaded.graph);
      const double found = difference(executor.run(loaded.inputs.images)[0], reference);
      MESSAGE(stem << std::string(fold ? " folded: " : " as it is: ") << found);
      CHECK(found < 1e-4);
    }
  }
}

TEST_CASE("accuracy on the 10,000 Fashion-MNIST test images is the stated one") {
  struct Stated {
    const char* network;
    int correct;
  };
  for (const auto& [network, correct] : {Stated{"fmnist_resnet20.onnx", 9201}, Stated{"fmnist_vggsmall.onnx", 9202}}) {
    const auto loaded = fashion_test_set(network);
    REQUIRE(loaded.inputs.labels.size() == 10000);
    const double accuracy = run::accuracy(run::Executor(loaded.graph), loaded.inputs.images, loaded.inputs.labels);
    CHECK(std::llround(accuracy * 10000) == correct);
  }
}

TEST_CASE("8-bit activations cost little accuracy, and the shapes of the layers add up") {
  const auto loaded = fashion_test_set("fmnist_vggsmall.onnx", 500);
  const run::Executor executor(loaded.graph);
  const auto calibrated = run::calibrate(executor, loaded.inputs.images);
  std::int64_t weights = 0, macs = 0;
  for (const auto& layer : executor.layers()) {
    weights += layer.shape.weights();
    macs += layer.shape.macs();
    // The network's input is normalised and signed; every other layer follows a ReLU.
    CHECK(calibrated.at(layer.name).is_signed == (&layer == &executor.layers().front()));
    CHECK(layer.input_nonnegative == !calibrated.at(layer.name).is_signed);
  }
  CHECK(weights == 583456);
  CHECK(macs == 29424640);
  run::RunHooks hooks;
  const double before = run::accuracy(executor, loaded.inputs.images, loaded.inputs.labels, hooks);
  hooks.quantisation = run::quantisations(calibrated);
  const double after = run::accuracy(executor, loaded.inputs.images, loaded.inputs.labels, hooks);
  CHECK(std::abs(before - after) < 0.01);
}

TEST_CASE("squeeze-and-excite, depthwise and hard-swish layers of a MobileNetV3 are all found") {
  graph::ImportOptions options;
  options.input_shapes[""] = {1, 3, 48, 192};
  const graph::Graph graph = graph::import_onnx(ppocr + "ppocr_cls.onnx", options);
  int depthwise = 0, convolutions = 0, fc = 0;
  for (const auto& layer : run::Executor(graph).layers()) {
    depthwise += layer.shape.depthwise() ? 1 : 0;
    convolutions += layer.op == "conv" ? 1 : 0;
    fc += layer.op == "fc" ? 1 : 0;
  }
  CHECK(convolutions == 53);
  CHECK(depthwise == 11);
  CHECK(fc == 1);
}
