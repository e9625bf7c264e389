#include <algorithm>

#include "common/text/suggest.h"
#include "workloads/graph/contained.h"
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
    if (!fits)
      fail_input({graph.file}, "the shape given for input " + in_quotes(port.name) + " does not fit the network's own");
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
      fail_input({graph.file},
                 "value " + in_quotes(value.name()) +
                     " would hold more than 2^31 elements or a negative number of them; the file is damaged");
    }
    known *= extent;
  }
  graph.shapes[value.name()] = std::move(shape);
}

/// libonnx's message on one line that is fit to print.
std::string one_line(std::string text) {
  constexpr std::size_t longest = 300;
  if (text.size() > longest) text = text.substr(0, longest) + " ...";
  std::replace_if(
      text.begin(), text.end(), [](unsigned char letter) { return letter < 32 || letter > 126; }, ' ');
  while (text.ends_with(' ') || text.ends_with('.')) text.pop_back();
  return text;
}

/// The checker is older than some operator sets, and knows nothing of those.
std::string checked_and_inferred(onnx::ModelProto& model, std::int64_t opset) {
  if (opset <= newest_described_opset) onnx::checker::check_model(model);
  // Shapes noted by the exporter may contradict the batch of one.
  model.mutable_graph()->clear_value_info();
  for (auto& output : *model.mutable_graph()->mutable_output())
    output.mutable_type()->mutable_tensor_type()->clear_shape();
  const onnx::ShapeInferenceOptions options(false, 0, true);
  onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), options);
  onnx::GraphProto result;
  result.mutable_value_info()->Swap(model.mutable_graph()->mutable_value_info());
  result.mutable_output()->Swap(model.mutable_graph()->mutable_output());
  return result.SerializeAsString();
}

/// value_info and outputs with the shapes that libonnx finds.
onnx::GraphProto check_and_infer(onnx::ModelProto& model, const Graph& graph) {
  const ContainedResult result = run_contained([&] { return checked_and_inferred(model, graph.opset); });
  onnx::GraphProto inferred;
  if (result.end == ContainedResult::End::returned && inferred.ParseFromString(result.text)) return inferred;
  if (graph.opset > newest_described_opset) return {};
  fail_input({graph.file}, "is not valid ONNX" + (result.text.empty() ? "" : ": " + one_line(result.text)) +
                               "; export the network again");
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
  const onnx::GraphProto inferred = check_and_infer(model, graph);
  for (const auto& input : proto->input()) record(input, graph);
  for (const auto& value : inferred.value_info()) record(value, graph);
  for (const auto& output : inferred.output()) record(output, graph);
  for (const auto& [name, constant] : graph.constants) graph.shapes[name] = constant.shape();
}

}  // namespace rebasis::graph
