// A small network with a layer whose channels make groups, and one training method driven step by step, with momentum
// and weight decay as they come.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/tiny_training.h"
#include "workloads/train/method.h"

namespace rebasis::test {

/// Conv 1 -> 8, batch-norm, ReLU, Conv 8 -> 8, batch-norm, ReLU, mean over the map, Gemm 8 -> 3.
inline void write_two_convolutions(const std::string& path) {
  constexpr std::int64_t channels = 8;
  OnnxModel model;
  model.input("x", {1, 1, tiny::size, tiny::size});
  std::string value = "x";
  for (const std::string layer : {"1", "2"}) {
    model.initialiser("w" + layer, noise({channels, layer == "1" ? 1 : channels, 3, 3}, layer == "1" ? 1 : 5));
    model.initialiser("gamma" + layer, Tensor<float>({channels}, std::vector<float>(channels, 1)));
    model.initialiser("beta" + layer, Tensor<float>({channels}, std::vector<float>(channels, 0)));
    model.initialiser("mean" + layer, Tensor<float>({channels}, std::vector<float>(channels, 0)));
    model.initialiser("var" + layer, Tensor<float>({channels}, std::vector<float>(channels, 1)));
    set(model.node("Conv", {value, "w" + layer}, {"c" + layer}), "pads", std::vector<std::int64_t>{1, 1, 1, 1});
    model.node("BatchNormalization", {"c" + layer, "gamma" + layer, "beta" + layer, "mean" + layer, "var" + layer},
               {"n" + layer});
    model.node("Relu", {"n" + layer}, {"r" + layer});
    value = "r" + layer;
  }
  model.initialiser("v", noise({tiny::classes, channels}, 2));
  model.initialiser("b", Tensor<float>({tiny::classes}, {0, 0, 0}));
  model.node("GlobalAveragePool", {value}, {"p"});
  model.node("Flatten", {"p"}, {"f"});
  set(model.node("Gemm", {"f", "v", "b"}, {"y"}), "transB", std::int64_t{1});
  model.output("y");
  model.write(path);
}

/// The network's file, of this process alone.
struct TwoConvolutions {
  std::string path = "two." + std::to_string(getpid()) + ".onnx";
  TwoConvolutions() { write_two_convolutions(path); }
  TwoConvolutions(const TwoConvolutions&) = delete;
  TwoConvolutions& operator=(const TwoConvolutions&) = delete;
  ~TwoConvolutions() { std::filesystem::remove(path); }
  [[nodiscard]] graph::Graph graph() const {
    graph::ImportOptions options;
    options.fold_batch_norms = false;
    return graph::import_onnx(path, options);
  }
};

/// One method on that network.
class MethodRig {
 public:
  MethodRig(const graph::Graph& graph, const std::string& name, const std::string& options)
      : network(graph),
        method(train::MethodRegistry::global().at(name, {}).create(arch::RawConfig::parse(options, "t.yaml"))) {
    method->begin(network);
    network.set_variants(std::max<std::size_t>(1, method->variants().size()));
    const io::Inputs data = tiny::stripes();
    images_ = at::empty(data.images.shape, at::kFloat);
    std::copy(data.images.values.begin(), data.images.values.end(), images_.data_ptr<float>());
    labels_ = at::empty({tiny::images}, at::kLong);
    std::copy(data.labels.begin(), data.labels.end(), labels_.data_ptr<std::int64_t>());
    for (const at::Tensor& parameter : network.parameters()) velocity_.push_back(at::zeros_like(parameter));
  }

  /// Gradients of the step's batch, before the method sees them.
  void backward(const train::Moment& moment) {
    constexpr std::int64_t batch = 20;
    for (const at::Tensor& parameter : network.parameters()) at::Tensor(parameter).mutable_grad().reset();
    network.select(method->selected());
    const std::int64_t first = moment.step * 13 % (tiny::images - batch);  // no sub-net always sees the same
    const at::Tensor scores =
        network.forward(images_.narrow(0, first, batch), true, [&](std::size_t layer, const at::Tensor& weights) {
          return network.constant_of(layer, method->apply(layer, network.filters(layer, weights)), weights.sizes());
        });
    at::cross_entropy_loss(scores, labels_.narrow(0, first, batch)).backward();
  }

  /// Stochastic gradient descent with momentum 0.9 and weight decay, as libtorch has it.
  void descend() {
    const at::NoGradGuard no_gradients;
    for (std::size_t i = 0; i < velocity_.size(); ++i) {
      const at::Tensor& parameter = network.parameters()[i];
      velocity_[i].mul_(0.9).add_(parameter.grad() + 0.01 * parameter);
      parameter.sub_(0.05 * velocity_[i]);
    }
  }

  train::TrainableNetwork network;
  std::unique_ptr<train::Method> method;

 private:
  at::Tensor images_, labels_;
  std::vector<at::Tensor> velocity_;
};

}  // namespace rebasis::test
