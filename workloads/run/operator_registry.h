// Operators register themselves by their ONNX name; one file of operators/ a family. Included only inside
// workloads/run.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/graph/graph.h"

namespace rebasis::run {

/// Largest tensor that an operator may make, in elements: a damaged file must not exhaust the memory.
inline constexpr std::int64_t largest_tensor = std::int64_t{1} << 31;

/// One execution of a node. Real numbers are float tensors, integers and booleans have their own types.
struct OperatorCall {
  const graph::Node& node;
  std::int64_t opset;
  std::vector<at::Tensor> inputs;  ///< undefined tensors for omitted ones

  [[nodiscard]] bool has_input(std::size_t index) const { return index < inputs.size() && inputs[index].defined(); }
  /// Fails when the input is missing.
  [[nodiscard]] const at::Tensor& input(std::size_t index) const;
  /// The input as a list of integers, `fallback` when it is missing.
  [[nodiscard]] std::vector<std::int64_t> integers_input(std::size_t index,
                                                         const std::vector<std::int64_t>& fallback) const;
  /// Axes from input `index` or from attribute "axes" (operators moved them from one to the other), made non-negative
  /// for `rank`.
  [[nodiscard]] std::vector<std::int64_t> axes(std::size_t index, std::int64_t rank,
                                               const std::vector<std::int64_t>& fallback) const;
  /// `axis` made non-negative; fails outside -rank .. rank - 1.
  [[nodiscard]] std::int64_t axis(std::int64_t axis, std::int64_t rank) const;
  /// Error(bad_input) that names the node: "what is wrong; what would be right".
  [[noreturn]] void fail(const std::string& message) const;
  /// Fails when a tensor of `shape` would be larger than largest_tensor or have a negative extent.
  void check_size(const std::vector<std::int64_t>& shape) const;
};

/// Returns the outputs in the node's order; later optional outputs may be left out.
using Kernel = std::vector<at::Tensor> (*)(const OperatorCall&);

/// Registers `kernel` under `op` while the program starts.
struct RegisterOperator {
  RegisterOperator(const std::string& op, Kernel kernel);
};

/// nullptr when the operator is not supported.
[[nodiscard]] Kernel find_operator(const std::string& op);

}  // namespace rebasis::run
