#include <cstring>
#include <type_traits>

#include "common/error.h"
#include "workloads/trace/safetensors.h"
#include "workloads/trace/trace.h"

namespace rebasis::trace {
namespace {

template <class T>
struct Stored;
template <>
struct Stored<std::uint8_t> {
  static constexpr DType type = DType::u8;
};
template <>
struct Stored<std::int8_t> {
  static constexpr DType type = DType::i8;
};
template <>
struct Stored<std::int16_t> {
  static constexpr DType type = DType::i16;
};
template <>
struct Stored<std::uint16_t> {
  static constexpr DType type = DType::u16;
};
template <>
struct Stored<std::int32_t> {
  static constexpr DType type = DType::i32;
};
template <>
struct Stored<std::uint32_t> {
  static constexpr DType type = DType::u32;
};
template <>
struct Stored<std::int64_t> {
  static constexpr DType type = DType::i64;
};
template <>
struct Stored<std::uint64_t> {
  static constexpr DType type = DType::u64;
};
template <>
struct Stored<float> {
  static constexpr DType type = DType::f32;
};
template <>
struct Stored<double> {
  static constexpr DType type = DType::f64;
};

}  // namespace

std::size_t size_of(DType type) {
  switch (type) {
    case DType::u8:
    case DType::i8:
      return 1;
    case DType::i16:
    case DType::u16:
      return 2;
    case DType::i32:
    case DType::u32:
    case DType::f32:
      return 4;
    case DType::i64:
    case DType::u64:
    case DType::f64:
      return 8;
  }
  fail_internal("unknown tensor type");
}

template <class T>
std::span<const T> TensorView::as() const {
  if (Stored<T>::type != dtype)
    fail_input("tensor is stored as " + dtype_name(dtype) + ", not as " + dtype_name(Stored<T>::type));
  const void* data = bytes.data();  // aligned: the reader and the writer see to it
  return {static_cast<const T*>(data), bytes.size() / sizeof(T)};
}

template <class T>
void TraceWriter::add(const std::string& name, const Shape& shape, std::span<const T> values) {
  add(name, Stored<T>::type, shape, std::as_bytes(values));
}

#define REBASIS_STORED_TYPE(T)                           \
  template std::span<const T> TensorView::as<T>() const; \
  template void TraceWriter::add<T>(const std::string&, const Shape&, std::span<const T>);
REBASIS_STORED_TYPE(std::uint8_t)
REBASIS_STORED_TYPE(std::int8_t)
REBASIS_STORED_TYPE(std::int16_t)
REBASIS_STORED_TYPE(std::uint16_t)
REBASIS_STORED_TYPE(std::int32_t)
REBASIS_STORED_TYPE(std::uint32_t)
REBASIS_STORED_TYPE(std::int64_t)
REBASIS_STORED_TYPE(std::uint64_t)
REBASIS_STORED_TYPE(float)
REBASIS_STORED_TYPE(double)
#undef REBASIS_STORED_TYPE

}  // namespace rebasis::trace
