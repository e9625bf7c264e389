// Arithmetic, comparison and selection, with broadcasting.
#include <map>

#include "workloads/run/operator_registry.h"
#include "workloads/run/tensor_bridge.h"

namespace rebasis::run {
namespace {

using Outputs = std::vector<at::Tensor>;

/// The second operand. Before opset 7 it was aligned to the first by attribute "axis" instead of to its last axes.
at::Tensor second_operand(const OperatorCall& call) {
  at::Tensor second = call.input(1);
  const std::int64_t rank = call.input(0).dim();
  if (call.opset >= 7 || call.node.integer("broadcast", 0) == 0 || !call.node.has("axis")) return second;
  const std::int64_t axis = call.axis(call.node.integer("axis", 0), rank);
  for (std::int64_t missing = rank - axis - second.dim(); missing > 0; --missing) second = second.unsqueeze(-1);
  return second;
}

template <at::Tensor (*Function)(const at::Tensor&, const at::Tensor&)>
Outputs binary(const OperatorCall& call) {
  return {Function(call.input(0), second_operand(call))};
}

template <at::Tensor (*Function)(const at::Tensor&)>
Outputs unary(const OperatorCall& call) {
  return {Function(call.input(0))};
}

/// Folds all inputs with `Function`.
template <at::Tensor (*Function)(const at::Tensor&, const at::Tensor&)>
at::Tensor fold(const OperatorCall& call) {
  at::Tensor result = call.input(0);
  for (std::size_t index = 1; index < call.inputs.size(); ++index) result = Function(result, call.input(index));
  return result;
}

template <at::Tensor (*Function)(const at::Tensor&, const at::Tensor&)>
Outputs variadic(const OperatorCall& call) {
  return {fold<Function>(call)};
}

at::Tensor add(const at::Tensor& a, const at::Tensor& b) { return at::add(a, b); }
at::Tensor subtract(const at::Tensor& a, const at::Tensor& b) { return at::sub(a, b); }
at::Tensor multiply(const at::Tensor& a, const at::Tensor& b) { return at::mul(a, b); }
at::Tensor divide(const at::Tensor& a, const at::Tensor& b) {
  if (a.is_floating_point()) return at::div(a, b);
  if (at::any(b == 0).item<bool>()) fail_input("integer division by zero");
  return at::div(a, b, "trunc");
}
/// The result has the type of the base.
at::Tensor power(const at::Tensor& a, const at::Tensor& b) {
  const bool real = a.is_floating_point() || b.is_floating_point();
  return real ? at::pow(a.to(at::kFloat), b.to(at::kFloat)).to(a.scalar_type())
              : at::pow(a.to(at::kLong), b.to(at::kLong)).to(a.scalar_type());
}
at::Tensor equal(const at::Tensor& a, const at::Tensor& b) { return at::eq(a, b); }
at::Tensor greater(const at::Tensor& a, const at::Tensor& b) { return at::gt(a, b); }
at::Tensor greater_or_equal(const at::Tensor& a, const at::Tensor& b) { return at::ge(a, b); }
at::Tensor less(const at::Tensor& a, const at::Tensor& b) { return at::lt(a, b); }
at::Tensor less_or_equal(const at::Tensor& a, const at::Tensor& b) { return at::le(a, b); }

Outputs mean(const OperatorCall& call) { return {at::div(fold<add>(call), static_cast<double>(call.inputs.size()))}; }

Outputs modulo(const OperatorCall& call) {
  const at::Tensor& divisor = call.input(1);
  if (!divisor.is_floating_point() && at::any(divisor == 0).item<bool>()) call.fail("integer division by zero");
  const bool c_style = call.node.integer("fmod", 0) != 0;
  return {c_style ? at::fmod(call.input(0), divisor) : at::remainder(call.input(0), divisor)};
}

Outputs where(const OperatorCall& call) {
  return {at::where(call.input(0).to(at::kBool), call.input(1), call.input(2))};
}

/// ONNX's numbers of element types; the types that run are those of graph::ElementType.
Outputs cast(const OperatorCall& call) {
  using graph::ElementType;
  static const std::map<std::int64_t, ElementType> types{
      {1, ElementType::f32},  {2, ElementType::u8},   {3, ElementType::i8},   {4, ElementType::u16},
      {5, ElementType::i16},  {6, ElementType::i32},  {7, ElementType::i64},  {9, ElementType::boolean},
      {10, ElementType::f16}, {11, ElementType::f64}, {12, ElementType::u32}, {13, ElementType::u64}};
  const auto type = types.find(call.node.integer("to", 0));
  if (type == types.end()) call.fail("casts to a type that is not supported; cast to a real, integer or boolean type");
  if (type->second == ElementType::f16) return {call.input(0).to(at::kHalf).to(at::kFloat)};
  return {call.input(0).to(scalar_type(type->second))};
}

const RegisterOperator registered[] = {
    {"Add", binary<add>},
    {"Sub", binary<subtract>},
    {"Mul", binary<multiply>},
    {"Div", binary<divide>},
    {"Pow", binary<power>},
    {"Mod", modulo},
    {"Equal", binary<equal>},
    {"Greater", binary<greater>},
    {"GreaterOrEqual", binary<greater_or_equal>},
    {"Less", binary<less>},
    {"LessOrEqual", binary<less_or_equal>},
    {"And", binary<at::logical_and>},
    {"Or", binary<at::logical_or>},
    {"Xor", binary<at::logical_xor>},
    {"Not", unary<at::logical_not>},
    {"Max", variadic<at::maximum>},
    {"Min", variadic<at::minimum>},
    {"Sum", variadic<add>},
    {"Mean", mean},
    {"Abs", unary<at::abs>},
    {"Neg", unary<at::neg>},
    {"Sqrt", unary<at::sqrt>},
    {"Exp", unary<at::exp>},
    {"Log", unary<at::log>},
    {"Erf", unary<at::erf>},
    {"Sin", unary<at::sin>},
    {"Cos", unary<at::cos>},
    {"Reciprocal", unary<at::reciprocal>},
    {"Floor", unary<at::floor>},
    {"Ceil", unary<at::ceil>},
    {"Round", unary<at::round>},
    {"Sign", unary<at::sign>},
    {"Where", where},
    {"Cast", cast},
};

}  // namespace
}  // namespace rebasis::run
