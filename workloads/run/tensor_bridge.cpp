#include "workloads/run/tensor_bridge.h"

#include <cstring>

namespace rebasis::run {
namespace {

template <class T>
at::Tensor copy_in(const Tensor<T>& tensor, at::ScalarType type) {
  at::Tensor result = at::empty(tensor.shape, at::TensorOptions().dtype(type));
  if (!tensor.values.empty()) std::memcpy(result.data_ptr(), tensor.values.data(), tensor.values.size() * sizeof(T));
  return result;
}

template <class T>
Tensor<T> copy_out(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.contiguous();
  const T* const data = dense.data_ptr<T>();
  return Tensor<T>(dense.sizes().vec(), std::vector<T>(data, data + dense.numel()));
}

}  // namespace

at::ScalarType scalar_type(graph::ElementType type) {
  using graph::ElementType;
  switch (type) {
    case ElementType::f16:
    case ElementType::f32:
    case ElementType::f64:
      return at::kFloat;
    case ElementType::u8:
      return at::kByte;
    case ElementType::i8:
      return at::kChar;
    case ElementType::i16:
      return at::kShort;
    case ElementType::u16:
    case ElementType::i32:
      return at::kInt;
    case ElementType::u32:
    case ElementType::u64:
    case ElementType::i64:
      return at::kLong;
    case ElementType::boolean:
      return at::kBool;
  }
  fail_internal("element type without a libtorch type");
}

at::Tensor to_torch(const Tensor<float>& tensor) { return copy_in(tensor, at::kFloat); }

at::Tensor to_torch(const graph::Constant& constant) {
  if (const auto* const real = std::get_if<Tensor<float>>(&constant.data)) return to_torch(*real);
  return copy_in(std::get<Tensor<std::int64_t>>(constant.data), at::kLong).to(scalar_type(constant.type));
}

Tensor<float> to_float_tensor(const at::Tensor& tensor) { return copy_out<float>(tensor.to(at::kFloat)); }

graph::Constant to_constant(const at::Tensor& tensor) {
  if (tensor.is_floating_point()) return {graph::ElementType::f32, to_float_tensor(tensor)};
  const auto type = tensor.scalar_type() == at::kBool ? graph::ElementType::boolean : graph::ElementType::i64;
  return {type, copy_out<std::int64_t>(tensor.to(at::kLong))};
}

}  // namespace rebasis::run
