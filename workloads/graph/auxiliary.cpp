#include <algorithm>
#include <map>
#include <set>

#include "workloads/graph/layers.h"

// Every value that carries data has an anchor: the layer or operator whose output path computes it element by element.
// What shares an anchor is computed while the outputs stream by; what does not is read from memory.
namespace rebasis::graph {
namespace {

bool is_element_wise(const Node& node) {
  static const std::set<std::string> operators{"Abs",         "Add",        "BatchNormalization",
                                               "Cast",        "Ceil",       "Celu",
                                               "Clip",        "Div",        "Elu",
                                               "Erf",         "Exp",        "Floor",
                                               "HardSigmoid", "HardSwish",  "LeakyRelu",
                                               "Log",         "Max",        "Min",
                                               "Mul",         "Neg",        "PRelu",
                                               "Pow",         "Reciprocal", "Relu",
                                               "Selu",        "Sigmoid",    "Softplus",
                                               "Softsign",    "Sqrt",       "Sub",
                                               "Sum",         "Tanh",       "ThresholdedRelu",
                                               "Where"};
  return operators.contains(node.op);
}

bool is_view(const Node& node) {
  static const std::set<std::string> operators{"Dropout", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"};
  return operators.contains(node.op);
}

class Traffic {
 public:
  explicit Traffic(const Graph& graph) : graph_(graph) {
    for (const WeightLayer& layer : weight_layers(graph)) layers_.insert(layer.name);
    for (const Port& port : graph.inputs) start(port.name, next_anchor_++);
  }

  std::vector<trace::AuxiliaryInfo> list() {
    for (const Node& node : graph_.nodes) visit(node);
    for (const Port& port : graph_.outputs) read_from_memory(port.name);
    return std::move(found_);
  }

 private:
  struct Value {
    int anchor = 0;
    std::string root;  ///< the value itself, or what it is a view of
  };

  void visit(const Node& node) {
    const std::vector<std::string> data = data_inputs(node);
    if (data.empty() || node.outputs.empty() || node.op == "Shape" || node.op == "Size")
      return;  // shape arithmetic and constants
    if (layers_.contains(node.name)) {
      read_from_memory(data[0]);
      after_ = node.name;
      start(node.outputs[0], next_anchor_++);
    } else if (is_view(node)) {
      values_[node.outputs[0]] = values_.at(data[0]);
    } else if (is_element_wise(node) && follows_layer_stream(node, data)) {
      add_fused(node, data);
    } else {
      add_pass(node, data);
    }
  }

  /// Inputs that depend on the network's inputs, each once, in order.
  std::vector<std::string> data_inputs(const Node& node) const {
    std::vector<std::string> data;
    for (const std::string& input : node.inputs) {
      if (values_.contains(input) && std::find(data.begin(), data.end(), input) == data.end()) data.push_back(input);
    }
    return data;
  }

  /// The operand computed last decides: its stream must be as large as the result (a broadcast operand cannot carry
  /// it).
  bool follows_layer_stream(const Node& node, const std::vector<std::string>& data) const {
    const int anchor = latest_anchor(data);
    if (anchor < static_cast<int>(graph_.inputs.size())) return false;  // a network input comes from memory
    return std::any_of(data.begin(), data.end(), [&](const std::string& value) {
      return values_.at(value).anchor == anchor && elements(value) == elements(node.outputs[0]);
    });
  }

  int latest_anchor(const std::vector<std::string>& data) const {
    int latest = -1;
    for (const std::string& value : data) latest = std::max(latest, values_.at(value).anchor);
    return latest;
  }

  void add_fused(const Node& node, const std::vector<std::string>& data) {
    const int anchor = latest_anchor(data);
    trace::AuxiliaryInfo info = describe(node, true);
    for (const std::string& value : data) {
      if (values_.at(value).anchor == anchor) continue;
      info.input_elements += elements(value);
      read_from_memory(value);
    }
    found_.push_back(info);
    start(node.outputs[0], anchor);
    producer_[node.outputs[0]] = found_.size() - 1;
  }

  void add_pass(const Node& node, const std::vector<std::string>& data) {
    trace::AuxiliaryInfo info = describe(node, false);
    for (const std::string& value : data) {
      info.input_elements += elements(value);
      read_from_memory(value);
    }
    for (const std::string& output : node.outputs) {
      if (output.empty()) continue;
      info.output_elements += elements(output);
      start(output, next_anchor_++);
    }
    found_.push_back(info);
  }

  trace::AuxiliaryInfo describe(const Node& node, bool fused) const {
    trace::AuxiliaryInfo info;
    info.name = node.name;
    info.op = node.op;
    info.fused = fused;
    info.after = after_;
    return info;
  }

  void start(const std::string& value, int anchor) { values_[value] = {anchor, value}; }

  /// Notes that `value` is read from memory. The first form of an anchor's outputs that is read is the one the layer
  /// writes; each further form (pre-activation and activation, say) is one more tensor to write.
  void read_from_memory(const std::string& value) {
    const auto found = values_.find(value);
    if (found == values_.end()) return;
    const auto& [anchor, root] = found->second;
    std::set<std::string>& forms = written_[anchor];
    if (!forms.insert(root).second || forms.size() == 1) return;
    // Charged to the fused operator that makes the second form, or to the first fused one after the layer itself.
    auto producer = producer_.find(root);
    if (producer == producer_.end())
      producer = producer_.find(
          *std::find_if(forms.begin(), forms.end(), [&](const auto& form) { return producer_.contains(form); }));
    if (producer != producer_.end()) found_[producer->second].output_elements += elements(root);
  }

  /// Elements of one image; 0 when the shape could not be inferred.
  std::int64_t elements(const std::string& value) const {
    const auto found = graph_.shapes.find(value);
    if (found == graph_.shapes.end()) return 0;
    std::int64_t count = 1;
    for (std::size_t axis = 0; axis < found->second.size(); ++axis) {
      if (found->second[axis] < 0) return 0;
      if (axis > 0 || batch() <= 1 || found->second[axis] != batch()) count *= found->second[axis];
    }
    return count;
  }

  std::int64_t batch() const {
    return graph_.inputs.empty() || graph_.inputs[0].shape.empty() ? 1 : graph_.inputs[0].shape[0];
  }

  const Graph& graph_;
  std::set<std::string> layers_;
  std::map<std::string, Value> values_;
  std::map<int, std::set<std::string>> written_;
  std::map<std::string, std::size_t> producer_;  ///< value -> entry of found_ that computes it in an anchor's stream
  std::vector<trace::AuxiliaryInfo> found_;
  std::string after_;
  int next_anchor_ = 0;
};

}  // namespace

std::vector<trace::AuxiliaryInfo> auxiliary_layers(const Graph& graph) { return Traffic(graph).list(); }

}  // namespace rebasis::graph
