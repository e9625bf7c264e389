// Gradients of sub-nets that point against each other are made orthogonal (Yang's dissertation, equation 3.4).
#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace rebasis::train {

/// The gradients of `parameters` behind one another [values]; zeros where there is none.
[[nodiscard]] at::Tensor flattened_gradient(const std::vector<at::Tensor>& parameters);
/// The inverse; parameters without a gradient get none.
void set_gradient(const std::vector<at::Tensor>& parameters, const at::Tensor& flat);

/// g . h in double precision.
[[nodiscard]] double inner_product(const at::Tensor& a, const at::Tensor& b);

/// Equation 3.4 in place: `gradient` loses its component against `previous` when their inner product is negative. Of
/// `previous` only the values that `active` flags count: what the sub-net does not have it does not train, and there
/// its gradient is zero. Returns the inner product before.
double correct_gradient(at::Tensor& gradient, const at::Tensor& previous, const at::Tensor& active);

}  // namespace rebasis::train
