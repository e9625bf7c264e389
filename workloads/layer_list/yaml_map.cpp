#include "workloads/layer_list/yaml_map.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "common/error.h"
#include "common/text/suggest.h"
#include "common/text/yaml.h"

namespace rebasis::layer_list {
namespace {

/// `text` as a number, all of it, or false.
template <class T>
bool parse_number(const std::string& text, T& value) {
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc{} && result.ptr == end;
}

}  // namespace

YamlMap::YamlMap(const YAML::Node& node, std::string file, std::string what, std::vector<std::string> keys)
    : node_(node), file_(std::move(file)), what_(std::move(what)) {
  if (!node_.IsMap()) fail_input(location_of(node_, file_), what_ + " must be a map of keys and values");
  for (const auto& member : node_) {
    const std::string key = member.first.Scalar();
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    fail_input(location_of(member.first, file_),
               "unknown key " + in_quotes(key) + " in " + what_ + did_you_mean(key, keys) + "; known: " + joined(keys));
  }
}

bool YamlMap::has(const std::string& key) const { return node(key).IsDefined(); }
bool YamlMap::is_scalar(const std::string& key) const { return node(key).IsScalar(); }
bool YamlMap::is_list(const std::string& key) const { return node(key).IsSequence(); }

bool YamlMap::is_number(const std::string& key) const {
  double value = 0;
  return is_scalar(key) && parse_number(node(key).Scalar(), value);
}

YAML::Node YamlMap::node(const std::string& key) const {
  const YAML::Node& map = node_;  // the operator[] of a const node does not insert
  return map[key];
}

const YAML::Node& YamlMap::require(const std::string& key, YAML::Node& found) const {
  if (!has(key)) fail(key, what_ + " needs " + in_quotes(key));
  found.reset(node(key));
  return found;
}

void YamlMap::fail(const std::string& key, const std::string& message) const {
  const bool there = !key.empty() && has(key);
  fail_input(location_of(there ? node(key) : node_, file_), message);
}

std::string YamlMap::text(const std::string& key) const {
  YAML::Node found;
  const YAML::Node& value = require(key, found);
  if (!value.IsScalar() || value.Scalar().empty()) fail(key, in_quotes(key) + " must be a text");
  return value.Scalar();
}

std::string YamlMap::text(const std::string& key, const std::string& fallback) const {
  return has(key) ? text(key) : fallback;
}

std::string YamlMap::one_of(const std::string& key, const std::vector<std::string>& allowed) const {
  const std::string value = text(key);
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    fail(key,
         in_quotes(key) + " is " + in_quotes(value) + did_you_mean(value, allowed) + "; possible: " + joined(allowed));
  }
  return value;
}

std::string YamlMap::one_of(const std::string& key, const std::vector<std::string>& allowed,
                            const std::string& fallback) const {
  return has(key) ? one_of(key, allowed) : fallback;
}

bool YamlMap::boolean(const std::string& key, bool fallback) const {
  if (!has(key)) return fallback;
  return one_of(key, {"true", "false"}) == "true";
}

double YamlMap::number(const std::string& key) const {
  double value = 0;
  if (!parse_number(text(key), value) || !std::isfinite(value))
    fail(key, in_quotes(key) + " is " + in_quotes(text(key)) + "; a number is needed");
  return value;
}

std::int64_t YamlMap::to_integer(const YAML::Node& value, const std::string& key, std::int64_t low,
                                 std::int64_t high) const {
  std::int64_t number = 0;
  if (!value.IsScalar() || !parse_number(value.Scalar(), number) || number < low || number > high) {
    fail(key, in_quotes(key) + (value.IsScalar() ? " is " + in_quotes(value.Scalar()) : std::string()) +
                  "; an integer from " + std::to_string(low) + " to " + std::to_string(high) + " is needed");
  }
  return number;
}

std::int64_t YamlMap::integer(const std::string& key, std::int64_t low, std::int64_t high) const {
  YAML::Node found;
  return to_integer(require(key, found), key, low, high);
}

std::vector<std::int64_t> YamlMap::integers(const std::string& key, std::size_t count, std::int64_t low,
                                            std::int64_t high) const {
  YAML::Node found;
  const YAML::Node& value = require(key, found);
  if (!value.IsSequence())
    return std::vector<std::int64_t>(std::max<std::size_t>(count, 1), to_integer(value, key, low, high));
  std::vector<std::int64_t> numbers;
  for (const YAML::Node& element : value) numbers.push_back(to_integer(element, key, low, high));
  if (count != 0 && numbers.size() != count)
    fail(key, in_quotes(key) + " needs one number or a list of " + std::to_string(count));
  return numbers;
}

std::vector<YAML::Node> YamlMap::list(const std::string& key) const {
  std::vector<YAML::Node> elements;
  if (!has(key)) return elements;
  if (!is_list(key)) fail(key, in_quotes(key) + " must be a list");
  for (const YAML::Node& element : node(key)) elements.push_back(element);
  return elements;
}

}  // namespace rebasis::layer_list
