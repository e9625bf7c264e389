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

/// Integer values, each within [low, high], as To, which holds that range; others, and a tensor of floats, are refused
/// with the line of `key`. To: an integer type of 8, 16 or 32
/// bits, except std::uint32_t.
template <class To>
[[nodiscard]] std::vector<To> integers_within(const io::AnyTensor& tensor, std::int64_t low, std::int64_t high,
                                              const YamlMap& map, const std::string& key);

/// Whether some value is negative.
[[nodiscard]] bool has_negative(const io::AnyTensor& tensor);

/// Fails with the line of `key` when the shape differs from `expected`; `letters` explains it, for example
/// "[M][rows][n]".
void require_shape(const Shape& shape, const Shape& expected, const std::string& letters, const YamlMap& map,
                   const std::string& key);

}  // namespace rebasis::layer_list
