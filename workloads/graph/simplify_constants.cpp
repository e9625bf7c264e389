#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "common/text/suggest.h"
#include "workloads/graph/import_steps.h"

namespace rebasis::graph {
namespace {

Tensor<float> transposed_matrix(const Tensor<float>& matrix) {
  const auto rows = static_cast<std::size_t>(matrix.shape[0]);
  const auto columns = static_cast<std::size_t>(matrix.shape[1]);
  Tensor<float> result({matrix.shape[1], matrix.shape[0]});
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column)
      result.values[column * rows + row] = matrix.values[row * columns + column];
  }
  return result;
}

constexpr std::int64_t most_transposed = std::int64_t{1}
                                         << 30;  // elements, so that a damaged file cannot fill the memory

/// Replaces the names of copied constants in the inputs of nodes, and evaluates transposed constant matrices.
class ConstantPass {
 public:
  explicit ConstantPass(Graph& graph) : graph_(graph) {
    for (const Port& port : graph.outputs) outputs_.insert(port.name);
  }

  void run() {
    std::erase_if(graph_.nodes, [this](Node& node) {
      for (std::string& input : node.inputs) {
        if (const auto found = copies_.find(input); found != copies_.end()) input = found->second;
      }
      return resolve(node);
    });
  }

 private:
  /// True when the node is not needed any more.
  bool resolve(const Node& node) {
    if (node.inputs.size() != 1 || node.outputs.size() != 1 || outputs_.contains(node.outputs[0])) return false;
    const auto source = graph_.constants.find(node.inputs[0]);
    if (source == graph_.constants.end()) return false;
    if (node.op == "Identity") {
      copies_[node.outputs[0]] = node.inputs[0];
      return true;
    }
    if (node.op != "Transpose" || !source->second.is_float() || source->second.shape().size() != 2) return false;
    const auto& matrix = std::get<Tensor<float>>(source->second.data);
    if (node.integers("perm", {1, 0}) != std::vector<std::int64_t>{1, 0} ||
        (transposed_ += matrix.size()) > most_transposed)
      return false;
    Constant result{source->second.type, transposed_matrix(matrix)};
    graph_.shapes[node.outputs[0]] = result.shape();
    graph_.constants[node.outputs[0]] = std::move(result);
    return true;
  }

  Graph& graph_;
  std::set<std::string> outputs_;
  std::map<std::string, std::string> copies_;  ///< output of an Identity -> the constant it copies
  std::int64_t transposed_ = 0;
};

/// Multiplies the float constant that `node` reads at `input` by its attribute, into a constant of the node's own.
void absorb_factor(Node& node, std::size_t input, const std::string& attribute, Graph& graph) {
  const float factor = node.real(attribute, 1);
  if (factor == 1 || node.inputs.size() <= input || !graph.is_constant(node.inputs[input])) return;
  Constant scaled = graph.constants.at(node.inputs[input]);
  if (!scaled.is_float()) return;
  for (float& value : std::get<Tensor<float>>(scaled.data).values) value *= factor;
  const std::string name = node.name + "." + attribute + "_scaled";
  graph.shapes[name] = scaled.shape();
  graph.constants[name] = std::move(scaled);
  node.inputs[input] = name;
  node.attributes.erase(attribute);
}

}  // namespace

void simplify_constants(Graph& graph) {
  ConstantPass(graph).run();
  for (Node& node : graph.nodes) {
    if (node.op != "Gemm") continue;
    absorb_factor(node, 1, "alpha", graph);
    absorb_factor(node, 2, "beta", graph);
  }
}

void check_weights(const Graph& graph) {
  static const std::set<std::string> weighted{"Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization"};
  std::set<std::string> weights;
  for (const Node& node : graph.nodes) {
    if (weighted.contains(node.op)) weights.insert(node.inputs.begin(), node.inputs.end());
  }
  for (const auto& [name, constant] : graph.constants) {
    const auto* const tensor = std::get_if<Tensor<float>>(&constant.data);
    if (tensor == nullptr) continue;
    const bool finite_only = weights.contains(name);
    const auto bad = std::find_if(tensor->values.begin(), tensor->values.end(),
                                  [&](float value) { return std::isnan(value) || (finite_only && std::isinf(value)); });
    if (bad != tensor->values.end()) {
      fail_input({graph.file}, "tensor " + in_quotes(name) + " holds NaN or infinity at element " +
                                   std::to_string(bad - tensor->values.begin()) +
                                   "; train or export the network again");
    }
  }
}

void drop_unused_constants(Graph& graph) {
  std::set<std::string> used;
  for (const Node& node : graph.nodes) used.insert(node.inputs.begin(), node.inputs.end());
  for (const Port& port : graph.outputs) used.insert(port.name);
  std::erase_if(graph.constants, [&](const auto& entry) { return !used.contains(entry.first); });
}

}  // namespace rebasis::graph
