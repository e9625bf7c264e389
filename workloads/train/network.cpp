#include "workloads/train/network.h"

#include <algorithm>

#include "common/error.h"
#include "workloads/run/tensor_bridge.h"

namespace rebasis::train {

namespace {

constexpr double statistics_momentum =
    0.1;  // of the running mean and variance; the usual default of training frameworks

constexpr std::size_t scale_input = 1, shift_input = 2, mean_input = 3, variance_input = 4;  // of BatchNormalization

/// A convolution with weights in this order makes such outputs, and the operators behind it keep the order:
/// convolutions, which work on blocks of channels, need not rearrange their operands each time.
at::Tensor channels_last(const at::Tensor& weights) {
  return weights.dim() == 4 ? weights.contiguous(at::MemoryFormat::ChannelsLast) : weights;
}

}  // namespace

TrainableNetwork::TrainableNetwork(const graph::Graph& graph) : runner_(graph) {
  if (runner_.graph().inputs.size() != 1 || runner_.graph().outputs.empty()) {
    fail_input({graph.file}, "the network has " + std::to_string(runner_.graph().inputs.size()) +
                                 " inputs; training needs one, and an output of class scores");
  }
  find_layers();
  find_batch_norms();
  if (parameters_.empty()) fail_input({graph.file}, "the network has no constant weights to train");
}

std::size_t TrainableNetwork::add_parameter(const std::string& constant) {
  const auto [found, added] = index_.emplace(constant, parameters_.size());
  if (added) {
    names_.push_back(constant);
    parameters_.push_back(runner_.constants().at(constant).clone().set_requires_grad(true));
  }
  return found->second;
}

void TrainableNetwork::find_layers() {
  for (const graph::WeightLayer& layer : graph::weight_layers(runner_.graph())) {
    layer_of_node_[layer.name] = layers_.size();
    layers_.push_back({layer, add_parameter(layer.weight), layers_.empty(), false});
    if (!layer.bias.empty()) add_parameter(layer.bias);
  }
  if (!layers_.empty()) layers_.back().last = true;
}

void TrainableNetwork::find_batch_norms() {
  for (std::size_t index = 0; index < graph().nodes.size(); ++index) {
    const graph::Node& node = graph().nodes[index];
    if (node.op != "BatchNormalization") continue;
    const bool constant = std::all_of(node.inputs.begin() + 1, node.inputs.end(),
                                      [&](const std::string& input) { return graph().is_constant(input); });
    if (!constant) continue;
    if (graph().consumers(node.inputs[0]).size() == 1) norm_behind_[node.inputs[0]] = index;
    add_parameter(node.inputs[scale_input]);
    add_parameter(node.inputs[shift_input]);
    for (const std::size_t input : {mean_input, variance_input}) {
      statistics_[0].emplace(node.inputs[input], runner_.constants().at(node.inputs[input]).clone());
    }
  }
}

at::Tensor TrainableNetwork::forward(const at::Tensor& batch, bool training, const WeightFunction& weights) {
  return evaluate(batch, statistics_[selected_], training, weights).front();
}

at::Tensor TrainableNetwork::forward(const at::Tensor& batch, Statistics& running,
                                     const WeightFunction& weights) const {
  return evaluate(batch, running, true, weights).front();
}

std::vector<at::Tensor> TrainableNetwork::outputs(const at::Tensor& batch, bool training,
                                                  const run::GraphRunner::Observer& observe) {
  return evaluate(batch, statistics_[selected_], training, {}, observe);
}

std::set<std::string> TrainableNetwork::trained_names() const {
  std::set<std::string> trained;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (parameters_[i].requires_grad()) trained.insert(names_[i]);
  }
  return trained;
}

/// With `training`, libtorch updates the tensors of `statistics` in place.
std::vector<at::Tensor> TrainableNetwork::evaluate(const at::Tensor& batch, const Statistics& statistics, bool training,
                                                   const WeightFunction& weights,
                                                   const run::GraphRunner::Observer& observe) const {
  run::GraphRunner::Values values{{graph().inputs[0].name, batch}};
  for (std::size_t i = 0; i < names_.size(); ++i) values[names_[i]] = parameters_[i];
  for (const auto& [name, tensor] : statistics) values[name] = tensor;
  const auto run_node = [&](std::size_t index, std::vector<at::Tensor> inputs) -> std::vector<at::Tensor> {
    const graph::Node& node = graph().nodes[index];
    if (training && node.op == "BatchNormalization" && statistics.contains(node.inputs[mean_input]) &&
        inputs[scale_input].requires_grad()) {
      return {at::batch_norm(inputs[0], inputs[scale_input], inputs[shift_input], inputs[mean_input],
                             inputs[variance_input], true, statistics_momentum, node.real("epsilon", 1e-5F), false)};
    }
    const auto layer = layer_of_node_.find(node.name);
    if (weights && layer != layer_of_node_.end()) inputs[1] = weights(layer->second, inputs[1]);
    if (node.op == "Conv" && convolution_ && layer != layer_of_node_.end()) {
      const at::Tensor output = convolution_(layer->second, inputs[0], inputs[1]);
      if (output.defined()) return {inputs.size() > 2 ? output + inputs[2].view({1, -1, 1, 1}) : output};
    }
    if (node.op == "Conv") inputs[1] = channels_last(inputs[1]);
    return runner_.call(index, std::move(inputs));
  };
  return runner_.evaluate(std::move(values), run_node, observe);
}

void TrainableNetwork::release(std::size_t layer) {
  at::Tensor& weights = parameters_[layers_[layer].parameter];
  weights = at::zeros({1}).expand(weights.sizes());
}

at::Tensor TrainableNetwork::filters(std::size_t layer, const at::Tensor& weights) const {
  const graph::WeightLayer& info = layers_[layer].layer;
  const at::Tensor oriented = info.weight_transposed ? weights.transpose(0, 1) : weights;
  if (info.op == "convtranspose") return oriented.transpose(0, 1);
  return oriented.reshape({info.shape.M, info.shape.channels_per_group(), info.shape.R, info.shape.S});
}

at::Tensor TrainableNetwork::constant_of(std::size_t layer, const at::Tensor& filters, at::IntArrayRef sizes) const {
  const graph::WeightLayer& info = layers_[layer].layer;
  if (info.op == "convtranspose") return filters.transpose(0, 1);
  return info.weight_transposed ? filters.reshape({info.shape.M, -1}).transpose(0, 1).reshape(sizes)
                                : filters.reshape(sizes);
}

const graph::Node* TrainableNetwork::norm_behind(std::size_t layer) const {
  const graph::WeightLayer& info = layers_[layer].layer;
  const auto norm = norm_behind_.find(info.output);
  return norm == norm_behind_.end() || info.op == "convtranspose" ? nullptr : &graph().nodes[norm->second];
}

at::Tensor TrainableNetwork::fold_scales(std::size_t layer) const {
  const graph::Node* const node = norm_behind(layer);
  if (node == nullptr) return at::ones({layers_[layer].layer.shape.M});
  const at::Tensor& gamma = parameters_[index_.at(node->inputs[scale_input])];
  return gamma.detach() / (statistics().at(node->inputs[variance_input]) + node->real("epsilon", 1e-5F)).sqrt();
}

TrainableNetwork::Norm TrainableNetwork::norm(std::size_t layer) const {
  const graph::Node* const node = norm_behind(layer);
  if (node == nullptr) return {};
  return {parameters_[index_.at(node->inputs[scale_input])], parameters_[index_.at(node->inputs[shift_input])]};
}

void TrainableNetwork::set_variants(std::size_t count, bool shared) {
  while (statistics_.size() < count) {
    statistics_.emplace_back();
    for (const auto& [name, tensor] : statistics_.front())
      statistics_.back().emplace(name, shared ? tensor : tensor.clone());
  }
}

std::vector<at::Tensor> TrainableNetwork::all_statistics() const {
  std::vector<at::Tensor> all;
  for (const auto& statistics : statistics_) {
    for (const auto& [name, tensor] : statistics) all.push_back(tensor);
  }
  return all;
}

std::map<std::string, Tensor<float>> TrainableNetwork::values(const WeightFunction& weights) const {
  const at::NoGradGuard no_gradients;
  std::map<std::string, Tensor<float>> values;
  for (std::size_t i = 0; i < names_.size(); ++i) values[names_[i]] = run::to_float_tensor(parameters_[i]);
  for (std::size_t i = 0; weights && i < layers_.size(); ++i) {
    values[layers_[i].layer.weight] = run::to_float_tensor(weights(i, this->weights(i)));
  }
  for (const auto& [name, tensor] : statistics()) values[name] = run::to_float_tensor(tensor);
  return values;
}

}  // namespace rebasis::train
