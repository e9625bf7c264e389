// Builds a graph node by node, with the shapes of its values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "workloads/graph/graph.h"

namespace rebasis::networks {

/// What a parameter of a network is; decides how it is filled when there are no trained values.
enum class ParameterKind { weight, bias, norm_scale, norm_shift, running_mean, running_variance, token };

struct Parameter {
  ParameterKind kind = ParameterKind::weight;
  std::int64_t fan_in = 1;  ///< of a weight: products summed for one output
};

/// Sizes beyond these are refused.
inline constexpr std::int64_t most_elements = std::int64_t{1} << 31;
inline constexpr std::size_t most_nodes = 20'000;

class GraphBuilder {
 public:
  /// `fold`: batch-norms that follow a convolution or matrix product become its bias, as graph::fold_batch_norms does.
  GraphBuilder(const std::string& name, const std::string& file, bool fold);

  /// Where the item that is being built stands; errors name it.
  void at(const SourceLocation& where) { where_ = where; }
  [[noreturn]] void fail(const std::string& message) const { fail_input(where_, message); }

  /// The network's input, one image; its name.
  std::string input(const Shape& shape);
  void output(const std::string& value);

  /// A node with one output, which has the node's name and `shape`. Returns that name.
  std::string add(const std::string& op, const std::string& name, const std::vector<std::string>& inputs,
                  const Shape& shape, const std::map<std::string, graph::Attribute>& attributes = {});
  /// A parameter without values: constant NAME of `shape`.
  std::string parameter(const std::string& name, const Shape& shape, Parameter parameter);
  /// Constants that are no parameters.
  std::string scalar(const std::string& name, float value);
  std::string integers(const std::string& name, const std::vector<std::int64_t>& values);

  /// A batch norm of `value`. `behind_layer`: the last node is a layer that computes `value` for it alone.
  std::string batch_norm(const std::string& name, const std::string& value, bool behind_layer);

  void count_macs(std::int64_t macs) { product_macs_ += macs; }

  /// Of a value that is there.
  [[nodiscard]] const Shape& shape(const std::string& value) const { return graph_.shapes.at(value); }
  [[nodiscard]] const std::map<std::string, Parameter>& parameters() const { return parameters_; }
  /// Weights, biases, scales and shifts of normalisations, tokens; folded or not. Not the running statistics.
  [[nodiscard]] std::int64_t parameter_count() const { return parameter_count_; }
  /// Multiply-accumulates of products of two activations.
  [[nodiscard]] std::int64_t product_macs() const { return product_macs_; }
  /// Ends the building.
  [[nodiscard]] graph::Graph take() { return std::move(graph_); }

 private:
  void refuse_large(const Shape& shape) const;
  void claim(const std::string& name, const Shape& shape);

  graph::Graph graph_;
  SourceLocation where_;
  bool fold_;
  std::map<std::string, Parameter> parameters_;
  std::int64_t parameter_count_ = 0, product_macs_ = 0;
};

}  // namespace rebasis::networks
