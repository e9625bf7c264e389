#include "workloads/graph/replace_constants.h"

#include <cstring>

#include "common/file.h"
#include "workloads/graph/import_steps.h"

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

}  // namespace

void replace_constants(const std::string& source, const std::map<std::string, Tensor<float>>& values,
                       const std::map<std::string, std::string>& metadata, const std::string& target) {
  onnx::ModelProto model = parse_model(source);
  for (const auto& [name, value] : values) {
    onnx::TensorProto* const tensor = find_constant(*model.mutable_graph(), name);
    if (tensor == nullptr)
      fail_input({source}, "has no constant " + name + " of its own; export the network with constants folded");
    replace(*tensor, value, name, source);
  }
  for (const auto& [key, value] : metadata) {
    auto* const property = model.add_metadata_props();
    property->set_key(key);
    property->set_value(value);
  }
  std::string bytes;
  if (!model.SerializeToString(&bytes)) fail_internal("the network could not be written");
  write_file(target, bytes);
}

}  // namespace rebasis::graph
