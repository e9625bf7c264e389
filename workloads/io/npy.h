// NumPy .npy files (format versions 1.0 to 3.0), little-endian, C or Fortran order.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "workloads/tensor.h"

namespace rebasis::io {

/// A tensor of the type stored in the file.
using AnyTensor =
    std::variant<Tensor<float>, Tensor<double>, Tensor<std::uint8_t>, Tensor<std::int8_t>, Tensor<std::uint16_t>,
                 Tensor<std::int16_t>, Tensor<std::uint32_t>, Tensor<std::int32_t>, Tensor<std::int64_t>>;

/// Reads any supported type. The header, the shape and the file's size are checked before anything is allocated; a
/// damaged, truncated or foreign file throws Error(bad_input) that names the file and what is wrong.
[[nodiscard]] AnyTensor read_npy(const std::string& path);

/// The numpy type string of the tensor, for example "float32".
[[nodiscard]] std::string type_name(const AnyTensor& tensor);

/// Any numeric type, converted to float.
[[nodiscard]] Tensor<float> read_npy_float(const std::string& path);

/// Any integer type, without rounding; a file of floats is refused. Values outside T's range are refused, named by
/// index. T: std::int8_t, std::uint8_t, std::int32_t or std::int64_t.
template <class T>
[[nodiscard]] Tensor<T> read_npy_integer(const std::string& path);

/// Writes version 1.0, C order, atomically. T: any type of AnyTensor.
template <class T>
void write_npy(const std::string& path, const Tensor<T>& tensor);

}  // namespace rebasis::io
