#include <set>

#include "common/text/suggest.h"
#include "workloads/graph/import_steps.h"

namespace rebasis::graph {
namespace {

constexpr int most_nodes = 50000;

std::string describe(const onnx::NodeProto& node, int index) {
  return "node " + (node.name().empty() ? "number " + std::to_string(index + 1) : in_quotes(node.name())) + " (" +
         in_quotes(node.op_type()) + ")";
}

void check_operator(const onnx::NodeProto& node, int index, std::int64_t opset, const std::string& path) {
  const bool standard = node.domain().empty() || node.domain() == "ai.onnx";
  if (!standard || onnx::OpSchemaRegistry::Schema(node.op_type(), static_cast<int>(opset), "") == nullptr) {
    fail_input({path},
               describe(node, index) + (standard ? "" : " of domain " + in_quotes(node.domain())) +
                   " is no standard operator of ONNX opset " + std::to_string(opset) +
                   "; export the network with standard operators only (docs/operators.md lists those that run)");
  }
  for (const auto& attribute : node.attribute()) {
    if (attribute.has_g() || attribute.graphs_size() > 0) {
      fail_input({path}, describe(node, index) +
                             " holds a sub-graph, which is not supported; export the network without control flow");
    }
  }
}

void check_values(const onnx::GraphProto& graph, const std::string& path) {
  std::set<std::string> known;
  for (const auto& input : graph.input()) known.insert(input.name());
  for (const auto& tensor : graph.initializer()) known.insert(tensor.name());
  for (int index = 0; index < graph.node_size(); ++index) {
    const auto& node = graph.node(index);
    for (const auto& input : node.input()) {
      if (!input.empty() && !known.contains(input)) {
        fail_input({path}, describe(node, index) + " reads " + in_quotes(input) +
                               ", which no earlier node writes; the file is damaged");
      }
    }
    for (const auto& output : node.output()) {
      if (!output.empty() && !known.insert(output).second) {
        fail_input({path}, describe(node, index) + " writes " + in_quotes(output) +
                               ", which is written before; the file is damaged");
      }
    }
  }
  if (graph.output_size() == 0) fail_input({path}, "the network has no output; export it again");
  for (const auto& output : graph.output()) {
    if (!known.contains(output.name())) {
      fail_input({path}, "no node writes the output " + in_quotes(output.name()) + "; the file is damaged");
    }
  }
}

}  // namespace

void check_structure(const onnx::ModelProto& model, std::int64_t opset, const std::string& path) {
  const auto& graph = model.graph();
  if (graph.node_size() > most_nodes)
    fail_input({path}, "has more than 50000 nodes; simplify the network before export");
  if (graph.sparse_initializer_size() > 0)
    fail_input({path}, "holds sparse initialisers, which are not supported; store them dense");
  for (int index = 0; index < graph.node_size(); ++index) check_operator(graph.node(index), index, opset, path);
  check_values(graph, path);
}

}  // namespace rebasis::graph
