#include "workloads/train/training_costs.h"

#include <algorithm>
#include <map>

#include "workloads/graph/layers.h"

namespace rebasis::train {

namespace {

/// What the backward pass of an operator needs beside the gradient of its output.
enum class Needs { nothing, bit, byte, output, inputs };

Needs needs_of(const std::string& op) {
  static const std::map<std::string, Needs> table{{"Relu", Needs::bit},
                                                  {"LeakyRelu", Needs::bit},
                                                  {"Clip", Needs::bit},
                                                  {"HardSigmoid", Needs::bit},
                                                  {"MaxPool", Needs::byte},
                                                  {"Sigmoid", Needs::output},
                                                  {"Tanh", Needs::output},
                                                  {"Softmax", Needs::output},
                                                  {"Exp", Needs::output},
                                                  {"Sqrt", Needs::output},
                                                  {"Add", Needs::nothing},
                                                  {"Sub", Needs::nothing},
                                                  {"Sum", Needs::nothing},
                                                  {"Concat", Needs::nothing},
                                                  {"Neg", Needs::nothing},
                                                  {"AveragePool", Needs::nothing},
                                                  {"GlobalAveragePool", Needs::nothing},
                                                  {"ReduceMean", Needs::nothing},
                                                  {"ReduceSum", Needs::nothing},
                                                  {"Pad", Needs::nothing},
                                                  {"Transpose", Needs::nothing},
                                                  {"Slice", Needs::nothing},
                                                  {"Split", Needs::nothing},
                                                  {"Gather", Needs::nothing},
                                                  {"Expand", Needs::nothing},
                                                  {"Resize", Needs::nothing},
                                                  {"Cast", Needs::nothing},
                                                  {"Flatten", Needs::nothing},
                                                  {"Reshape", Needs::nothing},
                                                  {"Identity", Needs::nothing},
                                                  {"Dropout", Needs::nothing},
                                                  {"Squeeze", Needs::nothing},
                                                  {"Unsqueeze", Needs::nothing}};
  const auto found = table.find(op);
  return found == table.end() ? Needs::inputs : found->second;
}

bool is_view(const std::string& op) {
  return op == "Flatten" || op == "Reshape" || op == "Identity" || op == "Squeeze" || op == "Unsqueeze" ||
         op == "Dropout";
}

/// Multiply-accumulates for an image.
std::int64_t macs_of(const graph::WeightLayer& layer) {
  return layer.op == "convtranspose" ? layer.shape.weights() * layer.shape.H * layer.shape.W : layer.shape.macs();
}

class Counter {
 public:
  Counter(const graph::Graph& graph, const std::set<std::string>& trained, std::int64_t images)
      : graph_(graph), trained_(trained), images_(images) {
    for (graph::WeightLayer& layer : graph::weight_layers(graph)) layers_.emplace(layer.name, std::move(layer));
  }

  TrainingCosts count() {
    for (const std::string& name : trainable_constants(graph_)) {
      const std::int64_t values = element_count(graph_.constants.at(name).shape());
      costs_.parameters += values;
      if (trained_.contains(name)) costs_.trained += values;
    }
    for (const graph::Node& node : graph_.nodes) visit(node);
    for (const std::string& value : kept_) costs_.kept += size(value);
    for (const std::string& value : signs_) {
      if (!kept_.contains(value)) costs_.kept_bits += size(value);
    }
    return costs_;
  }

 private:
  [[nodiscard]] std::int64_t size(const std::string& value) const {
    return images_ * element_count(graph_.shapes.at(value));
  }
  [[nodiscard]] const std::string& root(const std::string& value) const {
    const auto found = views_.find(value);
    return found == views_.end() ? value : found->second;
  }
  void keep(const std::string& value) {
    if (!graph_.is_constant(value)) kept_.insert(root(value));
  }

  void visit(const graph::Node& node) {
    const bool behind = std::any_of(node.inputs.begin(), node.inputs.end(),
                                    [&](const std::string& input) { return active_.contains(input); });
    const bool trains = std::any_of(node.inputs.begin(), node.inputs.end(),
                                    [&](const std::string& input) { return trained_.contains(input); });
    if (is_view(node.op)) views_[node.outputs[0]] = root(node.inputs[0]);
    const auto layer = layers_.find(node.name);
    if (layer != layers_.end()) costs_.forward_macs += images_ * macs_of(layer->second);
    if (!behind && !trains) return;
    active_.insert(node.outputs.begin(), node.outputs.end());
    if (layer != layers_.end()) {
      visit_layer(layer->second, behind);
    } else if (node.op == "BatchNormalization") {
      if (trained_.contains(node.inputs[1])) keep(node.inputs[0]);
    } else {
      visit_other(node);
    }
  }

  void visit_layer(const graph::WeightLayer& layer, bool behind) {
    if (behind) costs_.backward_data_macs += images_ * macs_of(layer);
    if (!trained_.contains(layer.weight)) return;
    costs_.backward_weight_macs += images_ * macs_of(layer);
    keep(layer.input);
  }

  void visit_other(const graph::Node& node) {
    switch (needs_of(node.op)) {
      case Needs::nothing:
        break;
      case Needs::bit:
        signs_.insert(root(node.outputs[0]));
        break;
      case Needs::byte:
        costs_.kept_bits += 8 * size(node.outputs[0]);
        break;
      case Needs::output:
        keep(node.outputs[0]);
        break;
      case Needs::inputs:
        for (const std::string& input : node.inputs) {
          if (!input.empty()) keep(input);
        }
    }
  }

  const graph::Graph& graph_;
  const std::set<std::string>& trained_;
  std::int64_t images_;
  std::map<std::string, graph::WeightLayer> layers_;
  std::map<std::string, std::string> views_;  ///< value -> the one whose memory it shares
  std::set<std::string> active_;              ///< values that gradients reach
  std::set<std::string> kept_;
  std::set<std::string> signs_;  ///< outputs of rectifiers
  TrainingCosts costs_;
};

}  // namespace

std::set<std::string> trainable_constants(const graph::Graph& graph) {
  std::set<std::string> names;
  for (const graph::WeightLayer& layer : graph::weight_layers(graph)) {
    names.insert(layer.weight);
    if (!layer.bias.empty()) names.insert(layer.bias);
  }
  for (const graph::Node& node : graph.nodes) {
    if (node.op != "BatchNormalization" || !graph.is_constant(node.inputs[1])) continue;
    names.insert(node.inputs[1]);
    names.insert(node.inputs[2]);
  }
  return names;
}

TrainingCosts training_costs(const graph::Graph& graph, const std::set<std::string>& trained, std::int64_t images) {
  return Counter(graph, trained, images).count();
}

}  // namespace rebasis::train
