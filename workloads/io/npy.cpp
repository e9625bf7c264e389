#include "workloads/io/npy.h"

#include <bit>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>

#include "common/file.h"
#include "workloads/io/npy_header.h"

namespace rebasis::io {
namespace {

static_assert(std::endian::native == std::endian::little, "values are copied from little-endian files as they are");

constexpr std::string_view magic("\x93NUMPY", 6);
constexpr std::size_t max_header = 65536;

template <class T>
constexpr const char* descr_of() {
  if constexpr (std::is_same_v<T, float>) return "<f4";
  if constexpr (std::is_same_v<T, double>) return "<f8";
  if constexpr (std::is_same_v<T, std::uint8_t>) return "|u1";
  if constexpr (std::is_same_v<T, std::int8_t>) return "|i1";
  if constexpr (std::is_same_v<T, std::uint16_t>) return "<u2";
  if constexpr (std::is_same_v<T, std::int16_t>) return "<i2";
  if constexpr (std::is_same_v<T, std::uint32_t>) return "<u4";
  if constexpr (std::is_same_v<T, std::int32_t>) return "<i4";
  if constexpr (std::is_same_v<T, std::int64_t>) return "<i8";
}

struct NpyFile {
  NpyHeader header;
  std::span<const std::byte> data;  ///< everything after the header
};

NpyFile open_npy(const MappedFile& mapped) {
  const auto bytes = mapped.bytes();
  const SourceLocation where{mapped.path()};
  if (bytes.size() < 10 || std::memcmp(bytes.data(), magic.data(), magic.size()) != 0) {
    fail_input(where, "not an .npy file (no NUMPY magic number); write it with numpy.save");
  }
  const auto byte_at = [&](std::size_t index) { return std::to_integer<std::size_t>(bytes[index]); };
  const std::size_t major = byte_at(6);
  if (major < 1 || major > 3) {
    fail_input(where, ".npy version " + std::to_string(major) + " is not known; versions 1 to 3 are read");
  }
  std::size_t start = 10;
  std::size_t length = byte_at(8) | byte_at(9) << 8U;
  if (major > 1) {
    if (bytes.size() < 12) fail_input(where, "truncated .npy header; copy the file again");
    length |= byte_at(10) << 16U | byte_at(11) << 24U;
    start = 12;
  }
  if (length > max_header || length > bytes.size() - start) {
    fail_input(where,
               "truncated .npy header (" + std::to_string(length) + " bytes are announced); copy the file again");
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + start, length);
  return {parse_npy_header(text, mapped.path()), bytes.subspan(start + length)};
}

/// Source index of C-order element `index` in a Fortran-order array of the same shape.
std::size_t fortran_index(std::size_t index, const Shape& shape) {
  std::size_t result = 0;
  std::vector<std::size_t> place(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    place[axis] = index % static_cast<std::size_t>(shape[axis]);
    index /= static_cast<std::size_t>(shape[axis]);
  }
  for (std::size_t axis = shape.size(); axis-- > 0;)
    result = result * static_cast<std::size_t>(shape[axis]) + place[axis];
  return result;
}

template <class T>
Tensor<T> copy_values(const NpyFile& file, const std::string& path) {
  const SourceLocation where{path};
  std::int64_t count = 0;
  try {
    count = element_count(file.header.shape);
  } catch (const Error& error) {
    fail_input(where, error.what());
  }
  const std::size_t size = static_cast<std::size_t>(count) * sizeof(T);
  if (size != file.data.size()) {
    fail_input(where, "the header announces " + std::to_string(size) + " bytes of values but " +
                          std::to_string(file.data.size()) + " follow; the file is truncated or damaged");
  }
  Tensor<T> tensor(file.header.shape);
  if (size == 0) return tensor;
  if (!file.header.fortran_order || file.header.shape.size() < 2) {
    std::memcpy(tensor.values.data(), file.data.data(), size);
    return tensor;
  }
  for (std::size_t index = 0; index < tensor.values.size(); ++index) {
    std::memcpy(&tensor.values[index], file.data.data() + fortran_index(index, file.header.shape) * sizeof(T),
                sizeof(T));
  }
  return tensor;
}

/// Reads the file when its type is T, "<", "=" or "|" standing for little-endian alike.
template <class T>
bool read_if(const NpyFile& file, const std::string& path, AnyTensor& result) {
  const std::string& descr = file.header.descr;
  const bool little = !descr.empty() && (descr[0] == '<' || descr[0] == '|' || descr[0] == '=');
  const bool boolean_as_byte = std::is_same_v<T, std::uint8_t> && descr == "|b1";
  if (!boolean_as_byte && (!little || descr.substr(1) != std::string(descr_of<T>()).substr(1))) return false;
  result = copy_values<T>(file, path);
  return true;
}

template <class... T>
AnyTensor read_one_of(const NpyFile& file, const std::string& path, const std::variant<Tensor<T>...>*) {
  AnyTensor result;
  if ((read_if<T>(file, path, result) || ...)) return result;
  fail_input({path},
             "values of type '" + file.header.descr +
                 "' are not supported; convert to float32, float64 or an integer type of 8 to 64 bits, little-endian");
}

template <class T, class U>
Tensor<T> to_integer(const Tensor<U>& source, const std::string& path) {
  Tensor<T> result(source.shape);
  for (std::size_t index = 0; index < source.values.size(); ++index) {
    const auto value = static_cast<std::int64_t>(source.values[index]);
    if (value < static_cast<std::int64_t>(std::numeric_limits<T>::min()) ||
        value > static_cast<std::int64_t>(std::numeric_limits<T>::max())) {
      fail_input({path}, "element " + std::to_string(index) + " is " + std::to_string(value) + ", outside " +
                             std::to_string(std::numeric_limits<T>::min()) + ".." +
                             std::to_string(std::numeric_limits<T>::max()) + "; store values of the right range");
    }
    result.values[index] = static_cast<T>(value);
  }
  return result;
}

}  // namespace

AnyTensor read_npy(const std::string& path) {
  const MappedFile mapped(path);
  return read_one_of(open_npy(mapped), path, static_cast<const AnyTensor*>(nullptr));
}

std::string type_name(const AnyTensor& tensor) {
  static constexpr const char* names[] = {"float32", "float64", "uint8", "int8", "uint16",
                                          "int16",   "uint32",  "int32", "int64"};
  static_assert(std::size(names) == std::variant_size_v<AnyTensor>);
  return names[tensor.index()];
}

Tensor<float> read_npy_float(const std::string& path) {
  return std::visit(
      [](auto&& tensor) {
        using Source = std::decay_t<decltype(tensor)>;
        if constexpr (std::is_same_v<Source, Tensor<float>>) {
          return std::forward<decltype(tensor)>(tensor);
        } else {
          Tensor<float> result(tensor.shape);
          for (std::size_t i = 0; i < result.values.size(); ++i)
            result.values[i] = static_cast<float>(tensor.values[i]);
          return result;
        }
      },
      read_npy(path));
}

template <class T>
Tensor<T> read_npy_integer(const std::string& path) {
  const AnyTensor any = read_npy(path);
  return std::visit(
      [&](const auto& tensor) -> Tensor<T> {
        using Value = typename std::decay_t<decltype(tensor.values)>::value_type;
        if constexpr (std::is_floating_point_v<Value>) {
          fail_input({path},
                     "values of type " + type_name(any) + " where integers are needed; convert with numpy's astype");
        } else {
          return to_integer<T>(tensor, path);
        }
      },
      any);
}

template <class T>
void write_npy(const std::string& path, const Tensor<T>& tensor) {
  std::string text = format_npy_header(descr_of<T>(), tensor.shape);
  // The header ends with a newline, and values start at a multiple of 64 bytes.
  const std::size_t unpadded = 10 + text.size() + 1;
  text.append((64 - unpadded % 64) % 64, ' ');
  text += '\n';
  AtomicFile file(path);
  file.write(magic);
  const char version_and_length[] = {1, 0, static_cast<char>(text.size() & 0xFFU),
                                     static_cast<char>(text.size() >> 8U)};
  file.write(std::string_view(version_and_length, sizeof version_and_length));
  file.write(text);
  file.write(std::as_bytes(std::span(tensor.values)));
  file.commit();
}

template Tensor<std::int8_t> read_npy_integer(const std::string&);
template Tensor<std::uint8_t> read_npy_integer(const std::string&);
template Tensor<std::int32_t> read_npy_integer(const std::string&);
template Tensor<std::int64_t> read_npy_integer(const std::string&);
template void write_npy(const std::string&, const Tensor<float>&);
template void write_npy(const std::string&, const Tensor<double>&);
template void write_npy(const std::string&, const Tensor<std::uint8_t>&);
template void write_npy(const std::string&, const Tensor<std::int8_t>&);
template void write_npy(const std::string&, const Tensor<std::uint16_t>&);
template void write_npy(const std::string&, const Tensor<std::int16_t>&);
template void write_npy(const std::string&, const Tensor<std::uint32_t>&);
template void write_npy(const std::string&, const Tensor<std::int32_t>&);
template void write_npy(const std::string&, const Tensor<std::int64_t>&);

}  // namespace rebasis::io
