#include "workloads/graph/write_onnx.h"

#include "common/error.h"
#include "common/file.h"
#include "workloads/graph/onnx_headers.h"

namespace rebasis::graph {
namespace {

void put_shape(onnx::TensorProto& proto, const Shape& shape) {
  for (const std::int64_t extent : shape) proto.add_dims(extent);
}

void put_floats(onnx::TensorProto& proto, const Tensor<float>& tensor) {
  proto.set_data_type(onnx::TensorProto::FLOAT);
  put_shape(proto, tensor.shape);
  proto.set_raw_data(tensor.values.data(), tensor.values.size() * sizeof(float));
}

void put_integers(onnx::TensorProto& proto, const Tensor<std::int64_t>& tensor) {
  proto.set_data_type(onnx::TensorProto::INT64);
  put_shape(proto, tensor.shape);
  proto.set_raw_data(tensor.values.data(), tensor.values.size() * sizeof(std::int64_t));
}

void put_constant(onnx::TensorProto& proto, const std::string& name, const Constant& constant,
                  const ConstantValues& values) {
  proto.set_name(name);
  if (!constant.is_float()) return put_integers(proto, std::get<Tensor<std::int64_t>>(constant.data));
  const auto& tensor = std::get<Tensor<float>>(constant.data);
  const bool complete = static_cast<std::int64_t>(tensor.values.size()) == element_count(tensor.shape);
  const Tensor<float> filled = complete ? tensor : values(name);
  if (filled.shape != tensor.shape) fail_internal("constant " + name + " was given values of another shape");
  put_floats(proto, filled);
}

/// One kind of attribute each; the kinds that network files need.
struct PutAttribute {
  onnx::AttributeProto& proto;
  void operator()(std::int64_t value) const {
    proto.set_type(onnx::AttributeProto::INT);
    proto.set_i(value);
  }
  void operator()(float value) const {
    proto.set_type(onnx::AttributeProto::FLOAT);
    proto.set_f(value);
  }
  void operator()(const std::string& value) const {
    proto.set_type(onnx::AttributeProto::STRING);
    proto.set_s(value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    proto.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) proto.add_ints(value);
  }
  void operator()(const std::vector<float>& values) const {
    proto.set_type(onnx::AttributeProto::FLOATS);
    for (const float value : values) proto.add_floats(value);
  }
  void operator()(const std::vector<std::string>& values) const {
    proto.set_type(onnx::AttributeProto::STRINGS);
    for (const std::string& value : values) proto.add_strings(value);
  }
  void operator()(const Constant& value) const {
    proto.set_type(onnx::AttributeProto::TENSOR);
    put_constant(*proto.mutable_t(), "", value, {});
  }
};

void put_node(onnx::NodeProto& proto, const Node& node) {
  proto.set_name(node.name);
  proto.set_op_type(node.op);
  for (const std::string& input : node.inputs) proto.add_input(input);
  for (const std::string& output : node.outputs) proto.add_output(output);
  for (const auto& [name, value] : node.attributes) {
    onnx::AttributeProto* const attribute = proto.add_attribute();
    attribute->set_name(name);
    std::visit(PutAttribute{*attribute}, value);
  }
}

void put_port(onnx::ValueInfoProto& proto, const Port& port) {
  proto.set_name(port.name);
  auto* const type = proto.mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  for (std::size_t axis = 0; axis < port.shape.size(); ++axis) {
    auto* const extent = type->mutable_shape()->add_dim();
    if (axis == 0) {
      extent->set_dim_param("batch");
    } else {
      extent->set_dim_value(port.shape[axis]);
    }
  }
}

constexpr std::int64_t ir_version = 8;  // of ONNX 1.10 to 1.12

}  // namespace

void write_onnx(const Graph& graph, const ConstantValues& values, const std::map<std::string, std::string>& metadata,
                const std::string& path) {
  AtomicFile file(path);
  onnx::ModelProto model;
  model.set_ir_version(ir_version);
  model.set_producer_name("rebasis");
  auto* const import = model.add_opset_import();
  import->set_domain("");
  import->set_version(graph.opset);
  model.mutable_graph()->set_name(graph.name);
  for (const Node& node : graph.nodes) put_node(*model.mutable_graph()->add_node(), node);
  for (const Port& port : graph.inputs) put_port(*model.mutable_graph()->add_input(), port);
  for (const Port& port : graph.outputs) put_port(*model.mutable_graph()->add_output(), port);
  for (const auto& [name, constant] : graph.constants)
    put_constant(*model.mutable_graph()->add_initializer(), name, constant, values);
  for (const auto& [key, value] : metadata) {
    auto* const property = model.add_metadata_props();
    property->set_key(key);
    property->set_value(value);
  }
  try {
    onnx::checker::check_model(model);
  } catch (const std::exception& error) {
    fail_internal("the network would be no valid ONNX file: " + std::string(error.what()));
  }
  std::string bytes;
  if (!model.SerializeToString(&bytes)) fail_input(path + ": the network is too large for an ONNX file (2 GiB)");
  model.Clear();
  file.write(bytes);
  file.commit();
}

void write_changed(const Graph& graph, const std::map<std::string, Tensor<float>>& values,
                   const std::map<std::string, std::string>& metadata, const std::string& path) {
  Graph changed = graph;
  if (changed.name.empty()) changed.name = "network";
  for (Port& port : changed.outputs) port.shape = changed.shapes.at(port.name);
  for (const auto& [name, constant] : graph.constants) {
    if (constant.type != ElementType::f32 && constant.type != ElementType::i64)
      fail_input({graph.file}, "constant " + name +
                                   " is of neither 32-bit floats nor 64-bit integers, and a network whose structure "
                                   "changes is written with those alone; export it so");
    if (const auto value = values.find(name); value != values.end()) changed.constants[name].data = value->second;
  }
  std::map<std::string, std::string> properties = metadata;
  if (graph.synthetic_weights) properties.emplace(weights_property, "synthetic");
  write_onnx(changed, {}, properties, path);
}

}  // namespace rebasis::graph
