// Runs the nodes of a graph with libtorch. Included only by parts that link libtorch.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "workloads/graph/graph.h"
#include "workloads/run/operator_registry.h"

namespace rebasis::run {

class GraphRunner {
 public:
  using Values = std::map<std::string, at::Tensor>;
  /// Computes node `index` from its inputs in another way than call().
  using NodeFunction = std::function<std::vector<at::Tensor>(std::size_t index, std::vector<at::Tensor> inputs)>;
  using Observer = std::function<void(const std::string& value, const at::Tensor& tensor)>;

  /// Fails with Error(bad_input) naming operator, node and file when an operator is not supported. `graph` is copied;
  /// its open shapes are filled in.
  explicit GraphRunner(const graph::Graph& graph);

  [[nodiscard]] const graph::Graph& graph() const { return graph_; }
  [[nodiscard]] const Values& constants() const { return constants_; }

  /// Runs all nodes; returns the network's outputs. `values`: the network's inputs, and constants to replace. Keeps the
  /// gradients that the caller's mode asks for.
  [[nodiscard]] std::vector<at::Tensor> evaluate(Values values, const NodeFunction& run_node = {},
                                                 const Observer& observe = {}) const;
  /// Computes one node with its operator.
  [[nodiscard]] std::vector<at::Tensor> call(std::size_t index, std::vector<at::Tensor> inputs) const;

 private:
  void plan_lifetimes();
  void complete_shapes();
  [[nodiscard]] std::vector<at::Tensor> guarded(std::size_t index, std::vector<at::Tensor> inputs,
                                                const NodeFunction& run_node) const;
  [[nodiscard]] const at::Tensor& find(const std::string& value, const Values& values) const;
  [[nodiscard]] std::vector<at::Tensor> gather_inputs(const graph::Node& node, const Values& values) const;

  graph::Graph graph_;
  std::vector<Kernel> kernels_;                      ///< of each node
  std::vector<std::vector<std::string>> last_used_;  ///< values that no node reads after this one
  Values constants_;
};

}  // namespace rebasis::run
