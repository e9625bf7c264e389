#include "workloads/run/executor.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "workloads/run/operator_registry.h"
#include "workloads/run/tensor_bridge.h"

namespace rebasis::run {
namespace {

// libtorch's own threads wait for each other at every operator; run_all shares out whole batches instead.
constexpr int threads = 1;

std::string in_file(const graph::Graph& graph, const graph::Node& node) {
  return (graph.file.empty() ? "" : graph.file + ": ") + "node " + node.name + " (" + node.op + "): ";
}

/// The layer's input as [N][C][H][W] of its LayerShape.
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
  graph::Graph graph;
  std::vector<graph::WeightLayer> layers;
  std::vector<Kernel> kernels;                      ///< of each node
  std::vector<std::vector<std::string>> last_used;  ///< values that no node reads after this one
  std::map<std::string, at::Tensor> constants;
  std::map<std::string, std::size_t> layer_of_node;

  explicit Impl(const graph::Graph& source) : graph(source) {
    at::set_num_threads(threads);
    for (const graph::Node& node : graph.nodes) {
      kernels.push_back(find_operator(node.op));
      if (kernels.back() == nullptr) {
        fail_input(in_file(graph, node) +
                   "the operator is not supported; export the network without it (docs/operators.md lists "
                   "the operators that run)");
      }
    }
    for (const auto& [name, constant] : graph.constants) constants.emplace(name, to_torch(constant));
    plan_lifetimes();
    complete_shapes();
    layers = graph::weight_layers(graph);
    for (std::size_t index = 0; index < layers.size(); ++index) layer_of_node[layers[index].name] = index;
  }

  void plan_lifetimes() {
    std::map<std::string, std::size_t> last;
    for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
      for (const std::string& output : graph.nodes[index].outputs) last[output] = index;
      for (const std::string& input : graph.nodes[index].inputs) last[input] = index;
    }
    for (const graph::Port& port : graph.outputs) last.erase(port.name);
    last_used.resize(graph.nodes.size());
    for (const auto& [value, index] : last) last_used[index].push_back(value);
  }

  /// Shape inference gives up where shapes are computed in ways it does not follow. One run on zeros fills the gaps of
  /// networks with one input; further inputs may be sizes or scales, which zeros would turn into nonsense.
  void complete_shapes() {
    const auto known = [&](const std::string& value) {
      const auto found = graph.shapes.find(value);
      return found != graph.shapes.end() &&
             std::none_of(found->second.begin(), found->second.end(), [](auto e) { return e < 0; });
    };
    if (graph.inputs.size() != 1) return;
    const graph::Port& port = graph.inputs[0];
    const bool real = scalar_type(port.type) == at::kFloat;
    if (!real || !known(port.name)) return;  // open extents: weight_layers says so when there is a layer
    std::map<std::string, at::Tensor> inputs{{port.name, at::zeros(graph.shapes.at(port.name), at::kFloat)}};
    bool complete = true;
    for (const graph::Node& node : graph.nodes) {
      for (const std::string& output : node.outputs) complete = complete && (output.empty() || known(output));
    }
    if (complete) return;
    evaluate(std::move(inputs), {},
             [&](const std::string& value, const at::Tensor& tensor) { graph.shapes[value] = tensor.sizes().vec(); });
  }

  using Observer = std::function<void(const std::string&, const at::Tensor&)>;

  /// Runs all nodes; returns the network's outputs.
  std::vector<at::Tensor> evaluate(std::map<std::string, at::Tensor> values, const RunHooks& hooks,
                                   const Observer& observe) const {
    const c10::InferenceMode inference;
    for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
      const graph::Node& node = graph.nodes[index];
      std::vector<at::Tensor> outputs = run_node(index, gather_inputs(node, values), hooks);
      for (std::size_t i = 0; i < node.outputs.size() && i < outputs.size(); ++i) {
        if (node.outputs[i].empty()) continue;
        if (observe) observe(node.outputs[i], outputs[i]);
        values[node.outputs[i]] = std::move(outputs[i]);
      }
      for (const std::string& value : last_used[index]) values.erase(value);
    }
    std::vector<at::Tensor> results;
    for (const graph::Port& port : graph.outputs) results.push_back(find(port.name, values));
    return results;
  }

  at::Tensor find(const std::string& value, const std::map<std::string, at::Tensor>& values) const {
    if (const auto computed = values.find(value); computed != values.end()) return computed->second;
    if (const auto constant = constants.find(value); constant != constants.end()) return constant->second;
    fail_input({graph.file},
               "value " + value + " is an optional output that is not supported; export the network without it");
  }

  std::vector<at::Tensor> gather_inputs(const graph::Node& node,
                                        const std::map<std::string, at::Tensor>& values) const {
    std::vector<at::Tensor> inputs;
    for (const std::string& input : node.inputs) inputs.push_back(input.empty() ? at::Tensor() : find(input, values));
    return inputs;
  }

  std::vector<at::Tensor> run_node(std::size_t index, std::vector<at::Tensor> inputs, const RunHooks& hooks) const {
    const graph::Node& node = graph.nodes[index];
    const auto layer = layer_of_node.find(node.name);
    try {
      if (layer != layer_of_node.end()) return run_layer(index, layers[layer->second], std::move(inputs), hooks);
      return kernels[index]({node, graph.opset, std::move(inputs)});
    } catch (const c10::Error& error) {
      fail_input(in_file(graph, node) + error.what_without_backtrace() + "; check the shapes of network and inputs");
    } catch (const std::bad_alloc&) {
      fail_input(in_file(graph, node) + "does not fit the memory; use a smaller batch");
    } catch (const Error& error) {
      if (error.status() != Status::bad_input) throw;
      fail_input((graph.file.empty() ? "" : graph.file + ": ") + error.what());
    }
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
    std::vector<at::Tensor> outputs = kernels[index]({graph.nodes[index], graph.opset, std::move(inputs)});
    if (bias != hooks.biases.end()) {
      if (bias->second.size() != layer.shape.M)
        fail_internal("bias given for layer " + layer.name + " has another shape");
      outputs[0] = outputs[0] + shaped_bias(to_torch(bias->second), outputs[0], layer);
    }
    return outputs;
  }
};

Executor::Executor(const graph::Graph& graph) : impl_(std::make_unique<Impl>(graph)) {}
Executor::~Executor() = default;
Executor::Executor(Executor&&) noexcept = default;
Executor& Executor::operator=(Executor&&) noexcept = default;

const graph::Graph& Executor::graph() const { return impl_->graph; }
const std::vector<graph::WeightLayer>& Executor::layers() const { return impl_->layers; }

std::vector<graph::Constant> Executor::evaluate(const std::map<std::string, graph::Constant>& inputs) const {
  std::map<std::string, at::Tensor> values;
  for (const graph::Port& port : impl_->graph.inputs) {
    const auto found = inputs.find(port.name);
    if (found == inputs.end()) fail_input({impl_->graph.file}, "input " + port.name + " is missing");
    values[port.name] = to_torch(found->second);
  }
  std::vector<graph::Constant> outputs;
  for (const at::Tensor& output : impl_->evaluate(std::move(values), {}, nullptr))
    outputs.push_back(to_constant(output));
  return outputs;
}

std::vector<Tensor<float>> Executor::run(const Tensor<float>& batch, const RunHooks& hooks) const {
  check_input(impl_->graph, batch.shape);
  std::vector<Tensor<float>> outputs;
  std::map<std::string, at::Tensor> values{{impl_->graph.inputs[0].name, to_torch(batch)}};
  for (const at::Tensor& output : impl_->evaluate(std::move(values), hooks, nullptr))
    outputs.push_back(to_float_tensor(output));
  return outputs;
}

}  // namespace rebasis::run
