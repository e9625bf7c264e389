#include "workloads/layer_list/tensor_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "common/error.h"
#include "common/sha256.h"

namespace rebasis::layer_list {
namespace {

std::string text_of(const Shape& shape) {
  std::string text;
  for (const std::int64_t extent : shape) text += "[" + std::to_string(extent) + "]";
  return text.empty() ? "a scalar" : text;
}

}  // namespace

io::AnyTensor TensorFiles::read(const YamlMap& map, const std::string& key) {
  const std::string name = map.text(key);
  const std::string path = (std::filesystem::path(folder_) / name).string();
  try {
    io::AnyTensor tensor = io::read_npy(path);
    files_[name] = sha256_of_file(path);
    return tensor;
  } catch (const Error& error) {
    map.fail(key, key + ": " + error.what());
  }
}

bool is_float(const io::AnyTensor& tensor) {
  return std::holds_alternative<Tensor<float>>(tensor) || std::holds_alternative<Tensor<double>>(tensor);
}

const Shape& shape_of(const io::AnyTensor& tensor) {
  return std::visit([](const auto& typed) -> const Shape& { return typed.shape; }, tensor);
}

Tensor<float> finite_floats(const io::AnyTensor& tensor, const YamlMap& map, const std::string& key) {
  Tensor<float> result(shape_of(tensor));
  std::visit(
      [&](const auto& typed) {
        std::transform(typed.values.begin(), typed.values.end(), result.values.begin(),
                       [](auto value) { return static_cast<float>(value); });
      },
      tensor);
  const bool finite =
      std::all_of(result.values.begin(), result.values.end(), [](float value) { return std::isfinite(value); });
  if (!finite) map.fail(key, key + ": a value is infinite or not a number");
  return result;
}

template <class To>
std::vector<To> integers_within(const io::AnyTensor& tensor, std::int64_t low, std::int64_t high, const YamlMap& map,
                                const std::string& key) {
  if (is_float(tensor)) map.fail(key, key + ": the file holds " + io::type_name(tensor) + "; integers are needed");
  std::vector<To> result;
  std::visit(
      [&](const auto& typed) {
        result.reserve(typed.values.size());
        for (const auto stored : typed.values) {
          const auto value = static_cast<std::int64_t>(stored);
          if (value < low || value > high) {
            map.fail(key, key + ": the value " + std::to_string(value) + " lies outside " + std::to_string(low) +
                              " to " + std::to_string(high));
          }
          result.push_back(static_cast<To>(value));
        }
      },
      tensor);
  return result;
}
template std::vector<std::int8_t> integers_within(const io::AnyTensor&, std::int64_t, std::int64_t, const YamlMap&,
                                                  const std::string&);
template std::vector<std::uint8_t> integers_within(const io::AnyTensor&, std::int64_t, std::int64_t, const YamlMap&,
                                                   const std::string&);
template std::vector<std::int16_t> integers_within(const io::AnyTensor&, std::int64_t, std::int64_t, const YamlMap&,
                                                   const std::string&);
template std::vector<std::uint16_t> integers_within(const io::AnyTensor&, std::int64_t, std::int64_t, const YamlMap&,
                                                    const std::string&);
template std::vector<std::int32_t> integers_within(const io::AnyTensor&, std::int64_t, std::int64_t, const YamlMap&,
                                                   const std::string&);

bool has_negative(const io::AnyTensor& tensor) {
  return std::visit(
      [](const auto& typed) {
        return std::any_of(typed.values.begin(), typed.values.end(),
                           [](auto value) { return value < decltype(value){}; });
      },
      tensor);
}

void require_shape(const Shape& shape, const Shape& expected, const std::string& letters, const YamlMap& map,
                   const std::string& key) {
  if (shape == expected) return;
  map.fail(key, key + ": the shape is " + text_of(shape) + "; " + letters + " = " + text_of(expected) + " is needed");
}

}  // namespace rebasis::layer_list
