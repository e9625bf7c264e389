#include <set>

#include "common/text/suggest.h"
#include "workloads/graph/import_steps.h"
#include "workloads/graph/names.h"
#include "workloads/graph/tensor_proto.h"
#include "workloads/graph/write_onnx.h"

namespace rebasis::graph {
namespace {

using onnx::AttributeProto;

/// Older files leave the type out; the field that is set tells it.
AttributeProto::AttributeType type_of(const AttributeProto& attribute) {
  if (attribute.type() != AttributeProto::UNDEFINED) return attribute.type();
  if (attribute.has_f()) return AttributeProto::FLOAT;
  if (attribute.has_i()) return AttributeProto::INT;
  if (attribute.has_s()) return AttributeProto::STRING;
  if (attribute.has_t()) return AttributeProto::TENSOR;
  if (attribute.floats_size() > 0) return AttributeProto::FLOATS;
  if (attribute.strings_size() > 0) return AttributeProto::STRINGS;
  return AttributeProto::INTS;
}

Attribute convert_attribute(const AttributeProto& attribute, const std::string& where, const std::string& path) {
  switch (type_of(attribute)) {
    case AttributeProto::FLOAT:
      return attribute.f();
    case AttributeProto::INT:
      return std::int64_t{attribute.i()};
    case AttributeProto::STRING:
      return attribute.s();
    case AttributeProto::TENSOR:
      return to_constant(attribute.t(), path);
    case AttributeProto::FLOATS:
      return std::vector<float>(attribute.floats().begin(), attribute.floats().end());
    case AttributeProto::INTS:
      return std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end());
    case AttributeProto::STRINGS:
      return std::vector<std::string>(attribute.strings().begin(), attribute.strings().end());
    default:
      fail_input({path}, where + ": attribute " + in_quotes(attribute.name()) +
                             " has a type that is not supported; export without it");
  }
}

std::string unique_name(const onnx::NodeProto& proto, int index, std::set<std::string>& taken) {
  std::string name = clean_name(proto.name());
  if (name.empty()) name = clean_name(proto.op_type()) + "_" + std::to_string(index);
  const std::string stem = name;
  for (int suffix = 2; !taken.insert(name).second; ++suffix) name = stem + "_" + std::to_string(suffix);
  return name;
}

Node convert_node(const onnx::NodeProto& proto, std::string name, const std::string& path) {
  Node node;
  node.name = std::move(name);
  node.op = proto.op_type();
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  const std::string where = "node " + node.name + " (" + node.op + ")";
  for (const auto& attribute : proto.attribute()) {
    node.attributes.emplace(attribute.name(), convert_attribute(attribute, where, path));
  }
  return node;
}

/// The tensor that a Constant node makes.
Constant constant_value(const Node& node, const std::string& path) {
  for (const auto& [name, value] : node.attributes) {
    if (const auto* const tensor = std::get_if<Constant>(&value)) return *tensor;
    if (const auto* const real = std::get_if<float>(&value)) return {ElementType::f32, Tensor<float>({}, {*real})};
    if (const auto* const whole = std::get_if<std::int64_t>(&value))
      return {ElementType::i64, Tensor<std::int64_t>({}, {*whole})};
    if (const auto* const reals = std::get_if<std::vector<float>>(&value)) {
      return {ElementType::f32, Tensor<float>({static_cast<std::int64_t>(reals->size())}, *reals)};
    }
    if (const auto* const integers = std::get_if<std::vector<std::int64_t>>(&value)) {
      return {ElementType::i64, Tensor<std::int64_t>({static_cast<std::int64_t>(integers->size())}, *integers)};
    }
  }
  fail_input({path},
             "node " + node.name + " (Constant) holds no numbers; strings and sparse tensors are not supported");
}

Port convert_port(const onnx::ValueInfoProto& value, const std::string& path) {
  const std::string where = "network input or output " + in_quotes(value.name());
  if (!value.type().has_tensor_type())
    fail_input({path}, where + " is not a tensor; sequences and maps are not supported");
  const auto& type = value.type().tensor_type();
  Port port{value.name(), element_type(type.elem_type(), where, path), {}};
  for (const auto& extent : type.shape().dim()) {
    if (extent.has_dim_value() && extent.dim_value() < 0)
      fail_input({path}, where + " has a negative extent; the file is damaged");
    // 0 is how some exporters write an open extent.
    port.shape.push_back(extent.has_dim_value() && extent.dim_value() > 0 ? extent.dim_value() : -1);
  }
  return port;
}

}  // namespace

Graph convert(const onnx::ModelProto& model, std::int64_t opset, const std::string& path) {
  Graph graph;
  graph.name = clean_name(model.graph().name());
  graph.file = path;
  graph.opset = opset;
  for (const auto& property : model.metadata_props()) {
    graph.properties[property.key()] = property.value();
    if (property.key() == weights_property) graph.synthetic_weights = property.value() == "synthetic";
  }
  for (const auto& tensor : model.graph().initializer()) graph.constants[tensor.name()] = to_constant(tensor, path);
  std::set<std::string> taken;
  for (int index = 0; index < model.graph().node_size(); ++index) {
    const auto& proto = model.graph().node(index);
    Node node = convert_node(proto, unique_name(proto, index, taken), path);
    if (node.op == "Constant" && node.outputs.size() == 1) {
      graph.constants[node.outputs[0]] = constant_value(node, path);
    } else {
      graph.nodes.push_back(std::move(node));
    }
  }
  for (const auto& input : model.graph().input()) {
    if (!graph.is_constant(input.name())) graph.inputs.push_back(convert_port(input, path));
  }
  for (const auto& output : model.graph().output()) graph.outputs.push_back(convert_port(output, path));
  return graph;
}

}  // namespace rebasis::graph
