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

/// A convolution of quantised inputs with reuse, without bias. `input` [N][C][H][W], `weights` the node's constant.
at::Tensor reused_convolution(const at::Tensor& input, const at::Tensor& weights, const graph::WeightLayer& layer,
                              const Quantisation& quantisation, const Reuse& reuse, reuse::Counts& counts) {
  const LayerShape& s = layer.shape;
  const std::int64_t images = input.size(0), each = s.C * s.H * s.W;
  const at::Tensor codes = at::round(input / quantisation.scale).to(at::kInt).contiguous();
  const std::span all(codes.data_ptr<std::int32_t>(), static_cast<std::size_t>(images * each));
  const at::Tensor filters = weights.reshape({s.groups, s.filters_per_group(), -1}).transpose(1, 2);
  std::vector<at::Tensor> outputs;
  for (std::int64_t first = 0; first < images; first += reuse.batch) {
    const std::int64_t count = std::min(reuse.batch, images - first);
    reuse::Rows rows = reuse::im2row(
        s, all.subspan(static_cast<std::size_t>(first * each), static_cast<std::size_t>(count * each)), count);
    counts += reuse::replace_by_centroids(rows, reuse.vectors);
    const at::Tensor matrix =
        at::from_blob(rows.values.data(), {rows.groups, rows.rows, rows.depth}, at::kInt).to(at::kFloat);
    const at::Tensor products = at::bmm(matrix, filters) * quantisation.scale;  // [groups][N E F][M / groups]
    outputs.push_back(products.view({s.groups, count, s.E(), s.F(), s.filters_per_group()})
                          .permute({1, 0, 4, 2, 3})
                          .reshape({count, s.M, s.E(), s.F()}));
  }
  return at::cat(outputs);
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
    const auto shared = hooks.reuse.find(layer.name);
    std::vector<at::Tensor> outputs = shared != hooks.reuse.end()
                                          ? std::vector{run_reused(layer, inputs, shared->second, hooks)}
                                          : runner.call(index, std::move(inputs));
    if (bias != hooks.biases.end()) {
      if (bias->second.size() != layer.shape.M)
        fail_internal("bias given for layer " + layer.name + " has another shape");
      outputs[0] = outputs[0] + shaped_bias(to_torch(bias->second), outputs[0], layer);
    }
    if (hooks.on_output) hooks.on_output(layer, to_float_tensor(as_feature_map(outputs[0], layer)));
    return outputs;
  }

  static at::Tensor run_reused(const graph::WeightLayer& layer, const std::vector<at::Tensor>& inputs,
                               const Reuse& reuse, const RunHooks& hooks) {
    const auto quantisation = hooks.quantisation.find(layer.name);
    if (layer.op != "conv" || inputs[0].dim() != 4 || quantisation == hooks.quantisation.end())
      fail_internal("reuse given for layer " + layer.name + ", which is no convolution with quantised inputs");
    reuse::Counts counts;
    at::Tensor output = reused_convolution(inputs[0], inputs[1], layer, quantisation->second, reuse, counts);
    if (inputs.size() > 2) output = output + shaped_bias(inputs[2], output, layer);
    if (hooks.on_reuse) hooks.on_reuse(layer, counts);
    return output;
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
