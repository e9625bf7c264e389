#include "workloads/run/executor.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "common/error.h"
#include "workloads/run/graph_runner.h"
#include "workloads/run/tensor_bridge.h"

namespace rebasis::run {
namespace {

/// The layer's input or output as [N][C][H][W] of its LayerShape.
at::Tensor as_feature_map(const at::Tensor& input, const graph::WeightLayer& layer) {
  const std::int64_t images = input.size(0);
  if (layer.op != "fc") return input.dim() == 4 ? input : input.unsqueeze(2);
  const std::int64_t channels = input.size(-1);
  if (input.dim() == 1) return input.view({1, channels, 1, 1});
  return input.reshape({images, -1, channels}).permute({0, 2, 1}).unsqueeze(2);
}

at::Tensor fake_quantise(const at::Tensor& input, const Quantisation& quantisation) {
  const double lowest = quantisation.is_signed ? -std::ldexp(1.0, quantisation.bits - 1) : 0.0;
  const double highest = std::ldexp(1.0, quantisation.is_signed ? quantisation.bits - 1 : quantisation.bits) - 1.0;
  return at::clamp(at::round(input / quantisation.scale), lowest, highest) * quantisation.scale;
}

/// A bias [M] shaped to the layer's output: channels are axis 1, or the last of a matrix product.
at::Tensor shaped_bias(const at::Tensor& bias, const at::Tensor& output, const graph::WeightLayer& layer) {
  if (layer.op == "fc") return bias;
  std::vector<std::int64_t> shape(static_cast<std::size_t>(output.dim()), 1);
  shape[1] = bias.numel();
  return bias.view(shape);
}

}  // namespace

struct Executor::Impl {
  GraphRunner runner;
  std::vector<graph::WeightLayer> layers;
  std::map<std::string, std::size_t> layer_of_node;

  explicit Impl(const graph::Graph& source) : runner(source), layers(graph::weight_layers(runner.graph())) {
    for (std::size_t index = 0; index < layers.size(); ++index) layer_of_node[layers[index].name] = index;
  }

  /// Runs all nodes; returns the network's outputs.
  [[nodiscard]] std::vector<at::Tensor> evaluate(GraphRunner::Values values, const RunHooks& hooks) const {
    const c10::InferenceMode inference;
    return runner.evaluate(std::move(values), [&](std::size_t index, std::vector<at::Tensor> inputs) {
      const auto layer = layer_of_node.find(runner.graph().nodes[index].name);
      if (layer == layer_of_node.end()) return runner.call(index, std::move(inputs));
      return run_layer(index, layers[layer->second], std::move(inputs), hooks);
    });
  }

  std::vector<at::Tensor> run_layer(std::size_t index, const graph::WeightLayer& layer, std::vector<at::Tensor> inputs,
                                    const RunHooks& hooks) const {
    if (hooks.on_input) hooks.on_input(layer, to_float_tensor(as_feature_map(inputs[0], layer)));
    if (const auto found = hooks.quantisation.find(layer.name); found != hooks.quantisation.end()) {
      inputs[0] = fake_quantise(inputs[0], found->second);
    }
    if (const auto found = hooks.weights.find(layer.name); found != hooks.weights.end()) {
      if (found->second.shape != inputs[1].sizes().vec())
        fail_internal("weights given for layer " + layer.name + " have another shape");
      inputs[1] = to_torch(found->second);
    }
    const auto bias = hooks.biases.find(layer.name);
    if (bias != hooks.biases.end() && inputs.size() > 2) inputs.resize(2);
    std::vector<at::Tensor> outputs = runner.call(index, std::move(inputs));
    if (bias != hooks.biases.end()) {
      if (bias->second.size() != layer.shape.M)
        fail_internal("bias given for layer " + layer.name + " has another shape");
      outputs[0] = outputs[0] + shaped_bias(to_torch(bias->second), outputs[0], layer);
    }
    if (hooks.on_output) hooks.on_output(layer, to_float_tensor(as_feature_map(outputs[0], layer)));
    return outputs;
  }
};

Executor::Executor(const graph::Graph& graph) : impl_(std::make_unique<Impl>(graph)) {}
Executor::~Executor() = default;
Executor::Executor(Executor&&) noexcept = default;
Executor& Executor::operator=(Executor&&) noexcept = default;

const graph::Graph& Executor::graph() const { return impl_->runner.graph(); }
const std::vector<graph::WeightLayer>& Executor::layers() const { return impl_->layers; }

std::vector<graph::Constant> Executor::evaluate(const std::map<std::string, graph::Constant>& inputs) const {
  std::map<std::string, at::Tensor> values;
  for (const graph::Port& port : impl_->runner.graph().inputs) {
    const auto found = inputs.find(port.name);
    if (found == inputs.end()) fail_input({impl_->runner.graph().file}, "input " + port.name + " is missing");
    values[port.name] = to_torch(found->second);
  }
  std::vector<graph::Constant> outputs;
  for (const at::Tensor& output : impl_->evaluate(std::move(values), {})) outputs.push_back(to_constant(output));
  return outputs;
}

std::vector<Tensor<float>> Executor::run(const Tensor<float>& batch, const RunHooks& hooks) const {
  check_input(impl_->runner.graph(), batch.shape);
  std::vector<Tensor<float>> outputs;
  std::map<std::string, at::Tensor> values{{impl_->runner.graph().inputs[0].name, to_torch(batch)}};
  for (const at::Tensor& output : impl_->evaluate(std::move(values), hooks)) outputs.push_back(to_float_tensor(output));
  return outputs;
}

}  // namespace rebasis::run
