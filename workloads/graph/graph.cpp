#include "workloads/graph/graph.h"

#include <algorithm>

#include "common/text/suggest.h"

namespace rebasis::graph {
namespace {

/// Attribute of type T, `fallback` when absent.
template <class T>
T attribute(const Node& node, const std::string& name, const T& fallback, const char* type) {
  const auto found = node.attributes.find(name);
  if (found == node.attributes.end()) return fallback;
  const T* const value = std::get_if<T>(&found->second);
  if (value == nullptr) fail_input("node " + node.name + " (" + node.op + "): attribute " + name + " must be " + type);
  return *value;
}

}  // namespace

const Shape& Constant::shape() const {
  return std::visit([](const auto& tensor) -> const Shape& { return tensor.shape; }, data);
}

std::int64_t Node::integer(const std::string& key, std::int64_t fallback) const {
  return attribute(*this, key, fallback, "an integer");
}
float Node::real(const std::string& key, float fallback) const { return attribute(*this, key, fallback, "a number"); }
std::string Node::text(const std::string& key, const std::string& fallback) const {
  return attribute(*this, key, fallback, "a string");
}
std::vector<std::int64_t> Node::integers(const std::string& key, const std::vector<std::int64_t>& fallback) const {
  return attribute(*this, key, fallback, "a list of integers");
}

const Tensor<float>& Graph::float_constant(const std::string& value) const {
  const auto found = constants.find(value);
  if (found == constants.end()) fail_input({file}, "value " + in_quotes(value) + " is not a constant");
  const auto* const tensor = std::get_if<Tensor<float>>(&found->second.data);
  if (tensor == nullptr) fail_input({file}, "constant " + in_quotes(value) + " must hold real numbers");
  return *tensor;
}

const Node* Graph::producer(const std::string& value) const {
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) {
    return std::find(node.outputs.begin(), node.outputs.end(), value) != node.outputs.end();
  });
  return found == nodes.end() ? nullptr : &*found;
}

std::vector<const Node*> Graph::consumers(const std::string& value) const {
  std::vector<const Node*> found;
  for (const Node& node : nodes) {
    if (std::find(node.inputs.begin(), node.inputs.end(), value) != node.inputs.end()) found.push_back(&node);
  }
  return found;
}

}  // namespace rebasis::graph
