#include "tests/support/onnx_model.h"

#include <fstream>
#include <random>

namespace rebasis::test {
namespace {

void fill(onnx::TensorProto& tensor, const std::string& name, const Tensor<float>& values) {
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t extent : values.shape) tensor.add_dims(extent);
  for (const float value : values.values) tensor.add_float_data(value);
}

}  // namespace

OnnxModel::OnnxModel(std::int64_t opset) {
  proto.set_ir_version(7);
  proto.add_opset_import()->set_version(opset);
  proto.mutable_graph()->set_name("test");
}

void OnnxModel::input(const std::string& name, const Shape& shape) {
  auto* const value = proto.mutable_graph()->add_input();
  value->set_name(name);
  auto* const type = value->mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t extent : shape) {
    auto* const dim = type->mutable_shape()->add_dim();
    if (extent >= 0) dim->set_dim_value(extent);
  }
}

void OnnxModel::output(const std::string& name) {
  auto* const value = proto.mutable_graph()->add_output();
  value->set_name(name);
  value->mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  value->mutable_type()->mutable_tensor_type()->mutable_shape();  // the checker wants one; import infers its own
}

void OnnxModel::initialiser(const std::string& name, const Tensor<float>& values) {
  fill(*proto.mutable_graph()->add_initializer(), name, values);
}

void OnnxModel::integers(const std::string& name, const std::vector<std::int64_t>& values) {
  auto* const tensor = proto.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::INT64);
  tensor->add_dims(static_cast<std::int64_t>(values.size()));
  for (const std::int64_t value : values) tensor->add_int64_data(value);
}

void OnnxModel::constant_node(const std::string& name, const Tensor<float>& values) {
  auto& made = node("Constant", {}, {name});
  auto* const attribute = made.add_attribute();
  attribute->set_name("value");
  attribute->set_type(onnx::AttributeProto::TENSOR);
  fill(*attribute->mutable_t(), name, values);
}

onnx::NodeProto& OnnxModel::node(const std::string& op, const std::vector<std::string>& inputs,
                                 const std::vector<std::string>& outputs) {
  auto* const added = proto.mutable_graph()->add_node();
  added->set_op_type(op);
  added->set_name(outputs.front() + "_node");
  for (const std::string& input : inputs) added->add_input(input);
  for (const std::string& output : outputs) added->add_output(output);
  return *added;
}

std::string OnnxModel::bytes() const { return proto.SerializeAsString(); }

void OnnxModel::write(const std::string& path) const {
  std::ofstream file(path, std::ios::binary);
  file << bytes();
}

void set(onnx::NodeProto& node, const std::string& attribute, std::int64_t value) {
  auto* const added = node.add_attribute();
  added->set_name(attribute);
  added->set_type(onnx::AttributeProto::INT);
  added->set_i(value);
}

void set(onnx::NodeProto& node, const std::string& attribute, const std::vector<std::int64_t>& values) {
  auto* const added = node.add_attribute();
  added->set_name(attribute);
  added->set_type(onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) added->add_ints(value);
}

void set(onnx::NodeProto& node, const std::string& attribute, float value) {
  auto* const added = node.add_attribute();
  added->set_name(attribute);
  added->set_type(onnx::AttributeProto::FLOAT);
  added->set_f(value);
}

Tensor<float> noise(const Shape& shape, unsigned seed) {
  std::mt19937 random(seed);
  Tensor<float> tensor(shape);
  for (float& value : tensor.values)
    value = static_cast<float>(static_cast<std::int32_t>(random() % 20001U) - 10000) / 10000.0F;
  return tensor;
}

}  // namespace rebasis::test
