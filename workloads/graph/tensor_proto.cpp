#include "workloads/graph/tensor_proto.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <optional>

#include "common/file.h"
#include "common/text/suggest.h"

namespace rebasis::graph {
namespace {

using onnx::TensorProto;

float half_to_float(std::uint16_t half) {
  const float sign = (half & 0x8000U) != 0 ? -1.0F : 1.0F;
  const int exponent = (half >> 10U) & 0x1FU;
  const float mantissa = static_cast<float>(half & 0x3FFU);
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  if (exponent == 31) return mantissa == 0 ? sign * INFINITY : NAN;
  return sign * std::ldexp(mantissa + 1024.0F, exponent - 25);
}

/// How a tensor's elements are stored: raw little-endian bytes of `Raw`, or a repeated field.
template <class Raw, class Target, class Field, class Convert>
Tensor<Target> values(const TensorProto& tensor, const Shape& shape, const Field& field, Convert convert,
                      const std::string& where, const std::string& file) {
  const std::int64_t count = element_count(shape);
  const std::int64_t stored =
      tensor.has_raw_data() ? static_cast<std::int64_t>(tensor.raw_data().size() / sizeof(Raw)) : field.size();
  const bool whole = !tensor.has_raw_data() || tensor.raw_data().size() % sizeof(Raw) == 0;
  if (stored != count || !whole) {
    fail_input({file}, where + " announces " + std::to_string(count) + " elements but holds " + std::to_string(stored) +
                           "; the file is damaged, export it again");
  }
  Tensor<Target> result(shape);
  for (std::size_t index = 0; index < result.values.size(); ++index) {
    if (tensor.has_raw_data()) {
      Raw raw;
      std::memcpy(&raw, tensor.raw_data().data() + index * sizeof(Raw), sizeof(Raw));
      result.values[index] = convert(raw);
    } else {
      result.values[index] = convert(static_cast<Raw>(field.Get(static_cast<int>(index))));
    }
  }
  return result;
}

}  // namespace

ElementType element_type(int onnx_type, const std::string& what, const std::string& file) {
  switch (onnx_type) {
    case TensorProto::FLOAT16:
      return ElementType::f16;
    case TensorProto::FLOAT:
      return ElementType::f32;
    case TensorProto::DOUBLE:
      return ElementType::f64;
    case TensorProto::UINT8:
      return ElementType::u8;
    case TensorProto::INT8:
      return ElementType::i8;
    case TensorProto::UINT16:
      return ElementType::u16;
    case TensorProto::INT16:
      return ElementType::i16;
    case TensorProto::UINT32:
      return ElementType::u32;
    case TensorProto::INT32:
      return ElementType::i32;
    case TensorProto::UINT64:
      return ElementType::u64;
    case TensorProto::INT64:
      return ElementType::i64;
    case TensorProto::BOOL:
      return ElementType::boolean;
    default:
      fail_input({file}, what + " has element type " + std::to_string(onnx_type) +
                             " (strings, complex, bfloat16 ... are not supported); export the network in float32");
  }
}

Constant to_constant(const TensorProto& tensor, const std::string& file) {
  const std::string where = "tensor " + in_quotes(tensor.name());
  Shape shape(tensor.dims().begin(), tensor.dims().end());
  try {
    element_count(shape, std::int64_t{1} << 31);
  } catch (const Error& error) {
    fail_input({file}, where + ": " + error.what());
  }
  Constant result;
  result.type = element_type(tensor.data_type(), where, file);
  if (tensor.has_segment())
    fail_input({file}, where + " is stored in segments, which are not supported; export it whole");
  const auto real = [](auto value) { return static_cast<float>(value); };
  const auto whole = [](auto value) { return static_cast<std::int64_t>(value); };
  const auto ints = [&]<class Raw>(Raw, const auto& field) {
    result.data = values<Raw, std::int64_t>(tensor, shape, field, whole, where, file);
  };
  switch (result.type) {
    case ElementType::f16:
      result.data = values<std::uint16_t, float>(tensor, shape, tensor.int32_data(), half_to_float, where, file);
      break;
    case ElementType::f32:
      result.data = values<float, float>(tensor, shape, tensor.float_data(), real, where, file);
      break;
    case ElementType::f64:
      result.data = values<double, float>(tensor, shape, tensor.double_data(), real, where, file);
      break;
    case ElementType::u8:
      ints(std::uint8_t{}, tensor.int32_data());
      break;
    case ElementType::i8:
      ints(std::int8_t{}, tensor.int32_data());
      break;
    case ElementType::u16:
      ints(std::uint16_t{}, tensor.int32_data());
      break;
    case ElementType::i16:
      ints(std::int16_t{}, tensor.int32_data());
      break;
    case ElementType::i32:
      ints(std::int32_t{}, tensor.int32_data());
      break;
    case ElementType::u32:
      ints(std::uint32_t{}, tensor.uint64_data());
      break;
    case ElementType::u64:
      ints(std::uint64_t{}, tensor.uint64_data());
      break;
    case ElementType::i64:
      ints(std::int64_t{}, tensor.int64_data());
      break;
    case ElementType::boolean:
      ints(std::uint8_t{}, tensor.int32_data());
      break;
  }
  return result;
}

namespace {

std::uint64_t parse_offset(const std::string& text, const std::string& where, const std::string& file) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    fail_input({file}, where + ": bad offset or length of external data");
  return value;
}

}  // namespace

void load_external_data(TensorProto& tensor, const std::string& file) {
  namespace fs = std::filesystem;
  if (tensor.data_location() != TensorProto::EXTERNAL) return;
  const std::string where = "tensor " + in_quotes(tensor.name());
  std::string location;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = parse_offset(entry.value(), where, file);
    if (entry.key() == "length") length = parse_offset(entry.value(), where, file);
  }
  std::error_code error;
  const fs::path folder = fs::weakly_canonical(fs::absolute(file).parent_path(), error);
  const fs::path data = error ? fs::path() : fs::weakly_canonical(folder / location, error);
  const fs::path relative = data.lexically_relative(folder);
  if (error || location.empty() || fs::path(location).is_absolute() || relative.empty() || *relative.begin() == "..") {
    fail_input({file},
               where + ": external data " + in_quotes(location) + " must be a file in the network's own folder");
  }
  const MappedFile mapped(data.string());
  const auto bytes = mapped.bytes();
  if (offset > bytes.size() || length.value_or(0) > bytes.size() - offset) {
    fail_input({file},
               where + ": external data " + in_quotes(location) + " is shorter than the tensor; copy both files again");
  }
  const auto part = bytes.subspan(offset, length.value_or(bytes.size() - offset));
  tensor.set_raw_data(part.data(), part.size());
  tensor.clear_external_data();
  tensor.clear_data_location();
}

}  // namespace rebasis::graph
