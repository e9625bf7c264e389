#include "workloads/train/methods/sub_nets/gradient_correction.h"

namespace rebasis::train {

at::Tensor flattened_gradient(const std::vector<at::Tensor>& parameters) {
  std::vector<at::Tensor> parts;
  for (const at::Tensor& parameter : parameters) {
    const at::Tensor& gradient = parameter.grad();
    parts.push_back(gradient.defined() ? gradient.detach().reshape(-1) : at::zeros({parameter.numel()}));
  }
  return at::cat(parts);
}

void set_gradient(const std::vector<at::Tensor>& parameters, const at::Tensor& flat) {
  std::int64_t first = 0;
  for (const at::Tensor& parameter : parameters) {
    const at::Tensor& gradient = parameter.grad();
    if (gradient.defined()) gradient.copy_(flat.narrow(0, first, parameter.numel()).view(gradient.sizes()));
    first += parameter.numel();
  }
}

double inner_product(const at::Tensor& a, const at::Tensor& b) {
  return at::dot(a.to(at::kDouble), b.to(at::kDouble)).item<double>();
}

double correct_gradient(at::Tensor& gradient, const at::Tensor& previous, const at::Tensor& active) {
  const at::Tensor shared = previous * active;
  const double product = inner_product(gradient, shared);
  if (product >= 0) return product;
  gradient.sub_(shared * (product / inner_product(shared, shared)));
  return product;
}

}  // namespace rebasis::train
