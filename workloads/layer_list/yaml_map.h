// One map of a YAML file, its members fetched with type and range checked; messages have file and line.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <string>
#include <vector>

namespace rebasis::layer_list {

class YamlMap {
 public:
  /// Fails when `node` is no map or has a key that is not among `keys`. `what` names it in messages ("a layer").
  YamlMap(const YAML::Node& node, std::string file, std::string what, std::vector<std::string> keys);

  [[nodiscard]] bool has(const std::string& key) const;
  /// Whether the member is there and a scalar, a number, a list.
  [[nodiscard]] bool is_scalar(const std::string& key) const;
  [[nodiscard]] bool is_number(const std::string& key) const;
  [[nodiscard]] bool is_list(const std::string& key) const;

  [[nodiscard]] std::string text(const std::string& key) const;
  [[nodiscard]] std::string text(const std::string& key, const std::string& fallback) const;
  /// Text that is one of `allowed`.
  [[nodiscard]] std::string one_of(const std::string& key, const std::vector<std::string>& allowed) const;
  [[nodiscard]] std::string one_of(const std::string& key, const std::vector<std::string>& allowed,
                                   const std::string& fallback) const;
  [[nodiscard]] bool boolean(const std::string& key, bool fallback) const;
  /// Finite.
  [[nodiscard]] double number(const std::string& key) const;
  [[nodiscard]] std::int64_t integer(const std::string& key, std::int64_t low, std::int64_t high) const;
  /// A list of `count` integers (0: any number of them), or one integer that stands for all.
  [[nodiscard]] std::vector<std::int64_t> integers(const std::string& key, std::size_t count, std::int64_t low,
                                                   std::int64_t high) const;
  /// The elements of a list; empty when the member is missing.
  [[nodiscard]] std::vector<YAML::Node> list(const std::string& key) const;
  [[nodiscard]] YAML::Node node(const std::string& key) const;

  /// Fails with the line of member `key`, or of the map when it is missing or empty.
  [[noreturn]] void fail(const std::string& key, const std::string& message) const;

 private:
  [[nodiscard]] std::int64_t to_integer(const YAML::Node& value, const std::string& key, std::int64_t low,
                                        std::int64_t high) const;
  [[nodiscard]] const YAML::Node& require(const std::string& key, YAML::Node& found) const;

  YAML::Node node_;
  std::string file_;
  std::string what_;
};

}  // namespace rebasis::layer_list
