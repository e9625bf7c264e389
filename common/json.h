// JSON from strangers: bounded depth, no duplicate keys, and members that are fetched with their type and range
// checked.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace rebasis {

/// Parses `text`. `name` (a file, or "FILE: header") begins every message. Fails on a syntax error (with its line), on
/// nesting deeper than `max_depth`, on a key that occurs twice in an object and on a number that double cannot hold.
[[nodiscard]] nlohmann::json parse_json(std::string_view text, const std::string& name, int max_depth = 32);

/// One JSON object and the words that messages use for it. The fetchers fail with "NAME: KEY ...".
class JsonObject {
 public:
  /// Fails when `value` is not an object. `value` must outlive this.
  JsonObject(const nlohmann::json& value, std::string name);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool has(const std::string& key) const { return value_.contains(key); }
  /// Fails when the member is missing.
  [[nodiscard]] const nlohmann::json& at(const std::string& key) const;
  [[nodiscard]] std::string text(const std::string& key) const;
  [[nodiscard]] bool boolean(const std::string& key) const;
  /// An integer within [low, high]; a number with a fraction part is refused.
  [[nodiscard]] std::int64_t integer(const std::string& key, std::int64_t low, std::int64_t high) const;
  [[nodiscard]] double number(const std::string& key) const;
  [[nodiscard]] std::vector<std::int64_t> integers(const std::string& key, std::int64_t low, std::int64_t high,
                                                   std::size_t max_count) const;
  /// Text that is one of `allowed`.
  [[nodiscard]] std::string one_of(const std::string& key, std::initializer_list<const char*> allowed) const;
  [[nodiscard]] JsonObject object(const std::string& key) const;
  /// The elements of an array; fails with more than `max_count`.
  [[nodiscard]] const nlohmann::json& array(const std::string& key, std::size_t max_count) const;
  [[noreturn]] void fail(const std::string& message) const;

 private:
  const nlohmann::json& value_;
  std::string name_;
};

/// Text for a file: two spaces a level, a newline at the end; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string to_text(const nlohmann::json& value);
/// The same on one line, without a newline.
[[nodiscard]] std::string to_line(const nlohmann::json& value);

}  // namespace rebasis
