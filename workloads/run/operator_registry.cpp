#include "workloads/run/operator_registry.h"

#include <map>

#include "workloads/run/operators.h"

namespace rebasis::run {
namespace {

std::map<std::string, Kernel>& registry() {
  static std::map<std::string, Kernel> operators;
  return operators;
}

}  // namespace

RegisterOperator::RegisterOperator(const std::string& op, Kernel kernel) { registry()[op] = kernel; }

Kernel find_operator(const std::string& op) {
  const auto found = registry().find(op);
  return found == registry().end() ? nullptr : found->second;
}

std::vector<std::string> supported_operators() {
  std::vector<std::string> names{"Constant"};  // a node that import turns into a constant
  for (const auto& [name, kernel] : registry()) names.push_back(name);
  return names;
}

const at::Tensor& OperatorCall::input(std::size_t index) const {
  if (!has_input(index)) fail("input " + std::to_string(index) + " is missing");
  return inputs[index];
}

std::vector<std::int64_t> OperatorCall::integers_input(std::size_t index,
                                                       const std::vector<std::int64_t>& fallback) const {
  if (!has_input(index)) return fallback;
  const at::Tensor values = inputs[index].to(at::kLong).contiguous().view(-1);
  if (values.numel() > 65536) fail("input " + std::to_string(index) + " is too long for a list of axes or sizes");
  return {values.data_ptr<std::int64_t>(), values.data_ptr<std::int64_t>() + values.numel()};
}

std::vector<std::int64_t> OperatorCall::axes(std::size_t index, std::int64_t rank,
                                             const std::vector<std::int64_t>& fallback) const {
  std::vector<std::int64_t> result = integers_input(index, node.integers("axes", fallback));
  for (std::int64_t& entry : result) entry = axis(entry, rank);
  return result;
}

std::int64_t OperatorCall::axis(std::int64_t axis_value, std::int64_t rank) const {
  if (axis_value < -rank || axis_value >= rank)
    fail("axis " + std::to_string(axis_value) + " of a tensor with " + std::to_string(rank) + " axes");
  return axis_value < 0 ? axis_value + rank : axis_value;
}

void OperatorCall::fail(const std::string& message) const {
  fail_input("node " + node.name + " (" + node.op + "): " + message);
}

void OperatorCall::check_size(const std::vector<std::int64_t>& shape) const {
  try {
    element_count(shape, largest_tensor);
  } catch (const Error& error) {
    fail(error.what());
  }
}

}  // namespace rebasis::run
