// Activation functions: items of their own, and `act` behind others.
#include <algorithm>
#include <cmath>

#include "workloads/network_spec/operators.h"

namespace rebasis::networks {
namespace {

/// x * Phi(x), with the error function.
std::string gelu(GraphBuilder& builder, const std::string& value, const std::string& name) {
  const Shape shape = builder.shape(value);
  const std::string scaled =
      builder.add("Div", name + ".div", {value, builder.scalar(name + ".sqrt2", std::sqrt(2.0F))}, shape);
  const std::string erf = builder.add("Erf", name + ".erf", {scaled}, shape);
  const std::string sum = builder.add("Add", name + ".add", {erf, builder.scalar(name + ".one", 1.0F)}, shape);
  const std::string product = builder.add("Mul", name + ".mul", {value, sum}, shape);
  return builder.add("Mul", name, {product, builder.scalar(name + ".half", 0.5F)}, shape);
}

}  // namespace

const std::vector<std::string>& activation_kinds() {
  static const std::vector<std::string> kinds{"none", "relu", "relu6", "sigmoid", "swish", "gelu", "tanh"};
  return kinds;
}

std::string activate(GraphBuilder& builder, const std::string& kind, const std::string& value,
                     const std::string& name) {
  const Shape shape = builder.shape(value);
  if (kind == "none") return value;
  if (kind == "relu") return builder.add("Relu", name, {value}, shape);
  if (kind == "sigmoid") return builder.add("Sigmoid", name, {value}, shape);
  if (kind == "tanh") return builder.add("Tanh", name, {value}, shape);
  if (kind == "gelu") return gelu(builder, value, name);
  if (kind == "swish") {
    return builder.add("Mul", name, {value, builder.add("Sigmoid", name + ".sigmoid", {value}, shape)}, shape);
  }
  constexpr float relu6_limit = 6;
  return builder.add("Clip", name,
                     {value, builder.scalar(name + ".min", 0), builder.scalar(name + ".max", relu6_limit)}, shape);
}

void add_activations(Operators& table) {
  for (const std::string& kind : activation_kinds()) {
    if (kind == "none") continue;
    table[kind] = {{}, [kind](Item& item) {
                     const std::string name = item.name(kind);
                     return activate(item.builder(), kind, item.input(), name);
                   }};
  }
}

}  // namespace rebasis::networks
