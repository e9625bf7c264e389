#include "workloads/layer_list/tensor_file.h"

#include <cmath>
#include <filesystem>
#include <type_traits>

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
  Tensor<float> result;
  result.shape = shape_of(tensor);
  std::visit([&](const auto& typed) { result.values = narrowed<float>(typed.values); }, tensor);
  for (const float value : result.values) {
    if (!std::isfinite(value)) map.fail(key, key + ": a value is infinite or not a number");
  }
  return result;
}

Tensor<std::int64_t> integers_within(const io::AnyTensor& tensor, std::int64_t low, std::int64_t high, const YamlMap& map,
                                     const std::string& key) {
  if (is_float(tensor)) map.fail(key, key + ": the file holds " + io::type_name(tensor) + "; integers are needed");
  Tensor<std::int64_t> result;
  result.shape = shape_of(tensor);
  std::visit([&](const auto& typed) { result.values = narrowed<std::int64_t>(typed.values); }, tensor);
  for (const std::int64_t value : result.values) {
    if (value < low || value > high) {
      map.fail(key, key + ": the value " + std::to_string(value) + " lies outside " + std::to_string(low) + " to " + std::to_string(high));
    }
  }
  return result;
}

void require_shape(const Shape& shape, const Shape& expected, const std::string& letters, const YamlMap& map, const std::string& key) {
  if (shape == expected) return;
  map.fail(key, key + ": the shape is " + text_of(shape) + "; " + letters + " = " + text_of(expected) + " is needed");
}

}  // namespace rebasis::layer_list
