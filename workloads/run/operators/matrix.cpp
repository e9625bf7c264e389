// Matrix products.
#include "workloads/run/operator_registry.h"

namespace rebasis::run {
namespace {

using Outputs = std::vector<at::Tensor>;

Outputs mat_mul(const OperatorCall& call) { return {at::matmul(call.input(0), call.input(1))}; }

/// alpha * A' * B' + beta * C.
Outputs gemm(const OperatorCall& call) {
  const at::Tensor a = call.node.integer("transA", 0) != 0 ? call.input(0).t() : call.input(0);
  const at::Tensor b = call.node.integer("transB", 0) != 0 ? call.input(1).t() : call.input(1);
  const float alpha = call.node.real("alpha", 1);
  const float beta = call.node.real("beta", 1);
  at::Tensor result = at::mm(a, b);
  if (alpha != 1) result = result * alpha;
  if (!call.has_input(2)) return {result};
  const at::Tensor addend = beta == 1 ? call.inputs[2] : call.inputs[2] * beta;
  return {result + addend};
}

const RegisterOperator registered[] = {
    {"MatMul", mat_mul},
    {"Gemm", gemm},
};

}  // namespace
}  // namespace rebasis::run
