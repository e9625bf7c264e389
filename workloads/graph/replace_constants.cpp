#include "workloads/graph/replace_constants.h"

#include <cstring>

#include "common/file.h"
#include "workloads/graph/import_steps.h"
#include "workloads/graph/write_factors.h"
#include "workloads/graph/write_onnx.h"

namespace rebasis::graph {

namespace {

void replace(onnx::TensorProto& tensor, const Tensor<float>& value, const std::string& name, const std::string& file) {
  const bool same_shape =
      std::equal(tensor.dims().begin(), tensor.dims().end(), value.shape.begin(), value.shape.end());
  if (tensor.data_type() != onnx::TensorProto::FLOAT || !same_shape) {
    fail_input({file},
               "constant " + name +
                   " is no 32-bit float tensor of the trained shape; export the network in 32-bit floating point");
  }
  tensor.clear_float_data();
  tensor.set_raw_data(value.values.data(), value.values.size() * sizeof(float));
}

/// The tensor that holds constant `name`, or nullptr.
onnx::TensorProto* find_constant(onnx::GraphProto& graph, const std::string& name) {
  for (auto& tensor : *graph.mutable_initializer()) {
    if (tensor.name() == name) return &tensor;
  }
  for (auto& node : *graph.mutable_node()) {
    if (node.op_type() != "Constant" || node.output_size() != 1 || node.output(0) != name) continue;
    for (auto& attribute : *node.mutable_attribute()) {
      if (attribute.has_t()) return attribute.mutable_t();
    }
  }
  return nullptr;
}

/// The same; a constant that the file computes as Ce x B becomes one of its own, without values.
onnx::TensorProto* constant_of(onnx::GraphProto& graph, const std::string& name, const Shape& shape,
                               const std::string& file) {
  if (onnx::TensorProto* const found = find_constant(graph, name)) return found;
  if (!drop_factors(graph, name))
    fail_input({file}, "has no constant " + name + " of its own; export the network with constants folded");
  onnx::TensorProto* const tensor = graph.add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t extent : shape) tensor->add_dims(extent);
  return tensor;
}

void check_opset(const onnx::ModelProto& model, const std::string& file) {
  constexpr std::int64_t reshape_by_tensor = 5;
  for (const auto& import : model.opset_import()) {
    if (import.domain().empty() && import.version() < reshape_by_tensor)
      fail_input({file}, "is of operator set " + std::to_string(import.version()) +
                             ", which cannot hold weights as a product; export with operator set 13");
  }
}

/// A key that is there (the network was trained before) gets the new value: ONNX allows each key once.
void set_metadata(onnx::ModelProto& model, const std::string& key, const std::string& value) {
  for (auto& property : *model.mutable_metadata_props()) {
    if (property.key() != key) continue;
    property.set_value(value);
    return;
  }
  auto* const property = model.add_metadata_props();
  property->set_key(key);
  property->set_value(value);
}

}  // namespace

void replace_constants(const std::string& source, const std::map<std::string, Tensor<float>>& values,
                       const std::map<std::string, std::string>& metadata, const std::string& target,
                       const std::map<std::string, Factors>& factors) {
  onnx::ModelProto model = parse_model(source);
  for (const auto& [name, value] : values) {
    onnx::TensorProto* const tensor = constant_of(*model.mutable_graph(), name, value.shape, source);
    replace(*tensor, value, name, source);
    if (const auto product = factors.find(name); product != factors.end()) {
      check_opset(model, source);
      write_factors(*model.mutable_graph(), name, value.shape, product->second);
    }
  }
  for (auto& property : *model.mutable_metadata_props()) {
    if (property.key() == weights_property) property.set_value("trained");
  }
  for (const auto& [key, value] : metadata) set_metadata(model, key, value);
  std::string bytes;
  if (!model.SerializeToString(&bytes)) fail_internal("the network could not be written");
  write_file(target, bytes);
}

}  // namespace rebasis::graph
