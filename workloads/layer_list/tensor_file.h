// The NPY files that a layer list names.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "workloads/io/npy.h"
#include "workloads/layer_list/yaml_map.h"

namespace rebasis::layer_list {

/// Reads NPY files and remembers which, for the provenance.
class TensorFiles {
 public:
  explicit TensorFiles(std::string folder) : folder_(std::move(folder)) {}
  /// The tensor in the file that member `key` names, relative to the list's folder. Messages have the list's line.
  [[nodiscard]] io::AnyTensor read(const YamlMap& map, const std::string& key);
  /// File as named -> SHA-256.
  [[nodiscard]] const std::map<std::string, std::string>& read_files() const { return files_; }

 private:
  std::string folder_;
  std::map<std::string, std::string> files_;
};

[[nodiscard]] bool is_float(const io::AnyTensor& tensor);
[[nodiscard]] const Shape& shape_of(const io::AnyTensor& tensor);

/// The values as float; infinite values and NaN are refused with the line of `key`.
[[nodiscard]] Tensor<float> finite_floats(const io::AnyTensor& tensor, const YamlMap& map, const std::string& key);

/// Integer values, each within [low, high]; others, and a tensor of floats, are refused with the line of `key`.
[[nodiscard]] Tensor<std::int64_t> integers_within(const io::AnyTensor& tensor, std::int64_t low, std::int64_t high, const YamlMap& map,
                                                   const std::string& key);

/// Fails with the line of `key` when the shape differs from `expected`; `letters` explains it, for example "[M][rows][n]".
void require_shape(const Shape& shape, const Shape& expected, const std::string& letters, const YamlMap& map, const std::string& key);

/// A tensor's values in a narrower type that is known to hold them.
template <class To, class From>
std::vector<To> narrowed(const std::vector<From>& values) {
  std::vector<To> result;
  result.reserve(values.size());
  for (const From value : values) result.push_back(static_cast<To>(value));
  return result;
}

}  // namespace rebasis::layer_list
