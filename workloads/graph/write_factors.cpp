#include "workloads/graph/write_factors.h"

#include <algorithm>

namespace rebasis::graph {
namespace {

void add(onnx::GraphProto& graph, const std::string& name, const Tensor<float>& tensor) {
  auto* const proto = graph.add_initializer();
  proto->set_name(name);
  proto->set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t extent : tensor.shape) proto->add_dims(extent);
  proto->set_raw_data(tensor.values.data(), tensor.values.size() * sizeof(float));
}

void add(onnx::GraphProto& graph, const std::string& name, const std::vector<std::int64_t>& values) {
  auto* const proto = graph.add_initializer();
  proto->set_name(name);
  proto->set_data_type(onnx::TensorProto::INT64);
  proto->add_dims(static_cast<std::int64_t>(values.size()));
  for (const std::int64_t value : values) proto->add_int64_data(value);
}

/// Nodes one behind the other; each reads the output of the one before.
class Line {
 public:
  explicit Line(std::string prefix) : prefix_(std::move(prefix)) {}
  onnx::NodeProto& add(const std::string& op, const std::vector<std::string>& inputs) {
    onnx::NodeProto* const node = nodes_.Add();
    node->set_op_type(op);
    node->set_name(prefix_ + std::to_string(nodes_.size()));
    for (const std::string& input : inputs) node->add_input(input);
    last_ = prefix_ + "value" + std::to_string(nodes_.size());
    node->add_output(last_);
    return *node;
  }
  [[nodiscard]] const std::string& last() const { return last_; }
  /// The last node computes `name`; all come before the graph's.
  void put(onnx::GraphProto& graph, const std::string& name) {
    nodes_[nodes_.size() - 1].set_output(0, name);
    for (const onnx::NodeProto& node : graph.node()) *nodes_.Add() = node;
    graph.mutable_node()->Swap(&nodes_);
  }

 private:
  std::string prefix_, last_;
  google::protobuf::RepeatedPtrField<onnx::NodeProto> nodes_;
};

template <class Field, class Condition>
bool erase_if(Field& field, const Condition& condition) {
  const auto first = std::remove_if(field.begin(), field.end(), condition);
  const bool any = first != field.end();
  field.erase(first, field.end());
  return any;
}

std::string prefix_of(const std::string& name) { return name + "/"; }

}  // namespace

void write_factors(onnx::GraphProto& graph, const std::string& name, const Shape& shape, const Factors& factors) {
  const auto is_constant = [&](const auto& entry) { return entry.name() == name; };
  drop_factors(graph, name);
  erase_if(*graph.mutable_initializer(), is_constant);
  erase_if(*graph.mutable_input(), is_constant);
  erase_if(*graph.mutable_node(), [&](const onnx::NodeProto& node) {
    return node.op_type() == "Constant" && node.output_size() == 1 && node.output(0) == name;
  });
  const std::string prefix = prefix_of(name);
  add(graph, prefix + "coefficients", factors.coefficients);
  add(graph, prefix + "basis", factors.basis);
  const Shape& ce = factors.coefficients.shape;
  Line line(prefix);
  line.add("MatMul", {prefix + "coefficients", prefix + "basis"});
  if (!factors.elements.empty()) {
    add(graph, prefix + "products", {ce[0], ce[1] * ce[2] * ce[3]});
    add(graph, prefix + "elements", factors.elements);
    line.add("Reshape", {line.last(), prefix + "products"});
    auto* const axis = line.add("Gather", {line.last(), prefix + "elements"}).add_attribute();
    axis->set_name("axis");
    axis->set_type(onnx::AttributeProto::INT);
    axis->set_i(1);
  }
  add(graph, prefix + "shape", factors.transposed ? Shape{shape[1], shape[0]} : shape);
  line.add("Reshape", {line.last(), prefix + "shape"});
  if (factors.transposed) line.add("Transpose", {line.last()});
  line.put(graph, name);
}

bool drop_factors(onnx::GraphProto& graph, const std::string& name) {
  const std::string prefix = prefix_of(name);
  const auto ours = [&](const auto& entry) { return entry.name().starts_with(prefix); };
  const bool there = std::any_of(graph.initializer().begin(), graph.initializer().end(),
                                 [&](const auto& tensor) { return tensor.name() == prefix + "coefficients"; });
  if (!there) return false;
  erase_if(*graph.mutable_node(), ours);
  erase_if(*graph.mutable_initializer(), ours);
  return true;
}

}  // namespace rebasis::graph
