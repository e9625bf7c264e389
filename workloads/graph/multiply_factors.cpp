#include <algorithm>
#include <cmath>

#include "workloads/graph/import_steps.h"

namespace rebasis::graph {
namespace {

constexpr std::int64_t largest_basis = 16;  // columns of Ce that a trace can hold

const Tensor<float>* float_tensor(const Graph& graph, const std::string& name) {
  const auto found = graph.constants.find(name);
  const bool there = found != graph.constants.end() && found->second.type == ElementType::f32;
  return there ? std::get_if<Tensor<float>>(&found->second.data) : nullptr;
}

const Tensor<std::int64_t>* integer_tensor(const Graph& graph, const std::string& name) {
  const auto found = graph.constants.find(name);
  return found == graph.constants.end() ? nullptr : std::get_if<Tensor<std::int64_t>>(&found->second.data);
}

bool is_power_of_two_or_zero(float value) {
  int exponent = 0;
  return value == 0 || (std::isfinite(value) && std::abs(std::frexp(value, &exponent)) == 0.5F);
}

/// Ce x B when the node multiplies such constants, [M][slices][rows][n] and [M][slices][n][n].
bool is_product(const Graph& graph, const Node& node) {
  if (node.op != "MatMul" || node.inputs.size() != 2 || node.outputs.size() != 1) return false;
  const Tensor<float>* const ce = float_tensor(graph, node.inputs[0]);
  const Tensor<float>* const b = float_tensor(graph, node.inputs[1]);
  if (ce == nullptr || b == nullptr || ce->shape.size() != 4 || ce->values.empty()) return false;
  const Shape basis{ce->shape[0], ce->shape[1], ce->shape[3], ce->shape[3]};
  return ce->shape[3] <= largest_basis && b->shape == basis &&
         std::all_of(ce->values.begin(), ce->values.end(), is_power_of_two_or_zero);
}

Tensor<float> multiplied(const Tensor<float>& ce, const Tensor<float>& b) {
  const auto n = static_cast<std::size_t>(ce.shape[3]), rows = static_cast<std::size_t>(ce.shape[2]);
  Tensor<float> product({ce.shape[0], ce.shape[1] * ce.shape[2] * ce.shape[3]});
  for (std::size_t row = 0; row < ce.values.size() / n; ++row) {
    const float* const basis = &b.values[row / rows * n * n];
    for (std::size_t j = 0; j < n; ++j) {
      float sum = 0;
      for (std::size_t k = 0; k < n; ++k) sum += ce.values[row * n + k] * basis[k * n + j];
      product.values[row * n + j] = sum;
    }
  }
  return product;
}

/// The product and what the nodes behind it make of it, as `rebasis train` writes them: Reshape to [M][products],
/// Gather of the weights among them, Reshape to the constant's shape, Transpose.
class Chain {
 public:
  Chain(Graph& graph, const Node& product) : graph_(graph), name_(product.outputs[0]) {
    factors_ = {*float_tensor(graph, product.inputs[0]), *float_tensor(graph, product.inputs[1]), {}, false};
    value_ = multiplied(factors_.coefficients, factors_.basis);
    done_.push_back(product.name);
    while (follow()) {
    }
  }
  void store() {
    graph_.shapes[name_] = value_.shape;
    graph_.constants[name_] = Constant{ElementType::f32, std::move(value_)};
    graph_.factors[name_] = std::move(factors_);
    std::erase_if(graph_.nodes,
                  [&](const Node& node) { return std::find(done_.begin(), done_.end(), node.name) != done_.end(); });
  }
  /// False when the value goes another way than `rebasis train` writes it; the nodes stay then.
  [[nodiscard]] bool complete() const { return done_.size() > 1; }

 private:
  bool follow() {
    const std::vector<const Node*> readers = graph_.consumers(name_);
    if (readers.size() != 1 || readers[0]->inputs[0] != name_ || readers[0]->outputs.size() != 1) return false;
    for (const Port& port : graph_.outputs) {
      if (port.name == name_) return false;
    }
    const Node& node = *readers[0];
    if (!(node.op == "Reshape" ? reshape(node) : node.op == "Gather" ? gather(node) : transpose(node))) return false;
    name_ = node.outputs[0];
    done_.push_back(node.name);
    return true;
  }

  bool reshape(const Node& node) {
    const Tensor<std::int64_t>* const shape =
        node.inputs.size() == 2 ? integer_tensor(graph_, node.inputs[1]) : nullptr;
    if (shape == nullptr || std::any_of(shape->values.begin(), shape->values.end(), [](auto e) { return e < 1; }) ||
        element_count(shape->values) != value_.size())
      return false;
    value_.shape = shape->values;
    return true;
  }

  bool gather(const Node& node) {
    const Tensor<std::int64_t>* const chosen =
        node.inputs.size() == 2 ? integer_tensor(graph_, node.inputs[1]) : nullptr;
    if (chosen == nullptr || chosen->shape.size() != 1 || node.integer("axis", 0) != 1 || value_.shape.size() != 2 ||
        !factors_.elements.empty())
      return false;
    const std::int64_t all = value_.shape[1];
    if (chosen->values.empty() || chosen->size() > all ||
        std::any_of(chosen->values.begin(), chosen->values.end(), [&](auto i) { return i < 0 || i >= all; }))
      return false;
    Tensor<float> result({value_.shape[0], chosen->size()});
    std::size_t next = 0;
    for (std::int64_t row = 0; row < value_.shape[0]; ++row) {
      for (const std::int64_t i : chosen->values)
        result.values[next++] = value_.values[static_cast<std::size_t>(row * all + i)];
    }
    value_ = std::move(result);
    factors_.elements = chosen->values;
    return true;
  }

  bool transpose(const Node& node) {
    if (node.op != "Transpose" || value_.shape.size() != 2 || factors_.transposed ||
        node.integers("perm", {1, 0}) != std::vector<std::int64_t>{1, 0})
      return false;
    const auto rows = static_cast<std::size_t>(value_.shape[0]), columns = static_cast<std::size_t>(value_.shape[1]);
    Tensor<float> result({value_.shape[1], value_.shape[0]});
    for (std::size_t i = 0; i < value_.values.size(); ++i)
      result.values[i % columns * rows + i / columns] = value_.values[i];
    value_ = std::move(result);
    factors_.transposed = true;
    return true;
  }

  Graph& graph_;
  std::string name_;  ///< of value_
  Tensor<float> value_;
  Factors factors_;
  std::vector<std::string> done_;  ///< nodes that are not needed any more
};

}  // namespace

void multiply_factors(Graph& graph) {
  std::vector<std::string> products;
  for (const Node& node : graph.nodes) {
    if (is_product(graph, node)) products.push_back(node.outputs[0]);
  }
  for (const std::string& value : products) {
    const Node* const node = graph.producer(value);
    if (node == nullptr) continue;
    Chain chain(graph, *node);
    if (chain.complete()) chain.store();
  }
}

}  // namespace rebasis::graph
