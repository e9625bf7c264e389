// Between libtorch's tensors and ours. Included only inside workloads/run.
#pragma once

#include <ATen/ATen.h>

#include "workloads/graph/graph.h"
#include "workloads/tensor.h"

namespace rebasis::run {

/// Real types become float; u16 is held as int32, u32 and u64 as int64, because libtorch has no such types.
[[nodiscard]] at::ScalarType scalar_type(graph::ElementType type);

/// Copies.
[[nodiscard]] at::Tensor to_torch(const Tensor<float>& tensor);
[[nodiscard]] at::Tensor to_torch(const graph::Constant& constant);
[[nodiscard]] Tensor<float> to_float_tensor(const at::Tensor& tensor);
/// Real numbers as f32, integers as i64, booleans as boolean.
[[nodiscard]] graph::Constant to_constant(const at::Tensor& tensor);

}  // namespace rebasis::run
