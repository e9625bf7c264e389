#include "common/text/suggest.h"
#include "workloads/graph/import_steps.h"

namespace rebasis::graph {
namespace {

constexpr std::int64_t largest_value = std::int64_t{1} << 31;  // elements; 8 GiB of floats

void set_shape(onnx::TypeProto& type, const Shape& shape) {
  auto* const dims = type.mutable_tensor_type()->mutable_shape();
  dims->clear_dim();
  for (const std::int64_t extent : shape) {
    auto* const dim = dims->add_dim();
    if (extent >= 0) dim->set_dim_value(extent);
  }
}

/// Shape of a network input with one image: open batch extents are 1, others come from the options.
Shape concrete_shape(const Port& port, const Graph& graph, const ImportOptions& options) {
  auto given = options.input_shapes.find(port.name);
  if (given == options.input_shapes.end() && graph.inputs.size() == 1) given = options.input_shapes.find("");
  Shape shape = port.shape;
  if (given != options.input_shapes.end()) {
    bool fits = given->second.size() == shape.size();
    for (std::size_t axis = 1; fits && axis < shape.size(); ++axis) {
      fits = given->second[axis] > 0 && (shape[axis] < 0 || shape[axis] == given->second[axis]);
    }
    if (!fits) fail_input({graph.file}, "the shape given for input " + in_quotes(port.name) + " does not fit the network's own");
    shape = given->second;
    if (!port.shape.empty() && port.shape[0] > 0) shape[0] = port.shape[0];
  }
  if (!shape.empty() && shape[0] < 0) shape[0] = 1;
  return shape;
}

void record(const onnx::ValueInfoProto& value, Graph& graph) {
  if (!value.type().has_tensor_type() || !value.type().tensor_type().has_shape()) return;
  Shape shape;
  std::int64_t known = 1;
  for (const auto& dim : value.type().tensor_type().shape().dim()) {
    shape.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
    const std::int64_t extent = std::max<std::int64_t>(shape.back(), 1);
    if (dim.has_dim_value() && (dim.dim_value() < 0 || extent > largest_value / known)) {
      fail_input({graph.file}, "value " + in_quotes(value.name()) + " would hold more than 2^31 elements or a negative number of them; the file is damaged");
    }
    known *= extent;
  }
  graph.shapes[value.name()] = std::move(shape);
}

}  // namespace

void infer_shapes(onnx::ModelProto& model, Graph& graph, const ImportOptions& options) {
  auto* const proto = model.mutable_graph();
  for (const Port& port : graph.inputs) {
    for (auto& input : *proto->mutable_input()) {
      if (input.name() == port.name && input.type().tensor_type().has_shape()) {
        set_shape(*input.mutable_type(), concrete_shape(port, graph, options));
      }
    }
  }
  // Shapes noted by the exporter may contradict the batch of one.
  proto->clear_value_info();
  for (auto& output : *proto->mutable_output()) output.mutable_type()->mutable_tensor_type()->clear_shape();
  try {
    const onnx::ShapeInferenceOptions inference(false, 0, true);
    onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), inference);
  } catch (const std::exception& error) {
    if (graph.opset <= newest_described_opset) {
      fail_input({graph.file}, "shapes do not fit each other: " + std::string(error.what()) + "; export the network again");
    }
  }
  for (const auto& input : proto->input()) record(input, graph);
  for (const auto& value : proto->value_info()) record(value, graph);
  for (const auto& output : proto->output()) record(output, graph);
  for (const auto& [name, constant] : graph.constants) graph.shapes[name] = constant.shape();
}

}  // namespace rebasis::graph
