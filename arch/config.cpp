#include "arch/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "common/text/suggest.h"
#include "common/text/yaml.h"

namespace rebasis::arch {
namespace {

constexpr std::size_t kLongestKey = 200;
constexpr std::size_t kLongestValue = 4096;
constexpr YamlLimits kLimits{.bytes = 256 << 10, .nodes = 20'000, .depth = 16};

bool is_key(const std::string& key) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.'; };
  return !key.empty() && key.size() <= kLongestKey && std::all_of(key.begin(), key.end(), allowed) &&
         key.front() != '.' && key.back() != '.' && key.find("..") == std::string::npos;
}

void check_key(const SourceLocation& where, const std::string& key) {
  if (is_key(key)) return;
  fail_input(where, fmt::format("{} is not a key; a key is letters, digits, '_' and '-' with dots between its parts",
                                in_quotes(key)));
}

void check_value(const SourceLocation& where, const std::string& key, const std::string& value) {
  if (value.size() <= kLongestValue) return;
  fail_input(where, fmt::format("{} has a value of {} characters; write at most {}", key, value.size(), kLongestValue));
}

/// "[a, b]" for a list of scalars.
std::string list_text(const std::string& key, const YAML::Node& list, const std::string& name) {
  std::vector<std::string> items;
  for (const auto& item : list) {
    if (!item.IsScalar()) {
      fail_input(location_of(item, name),
                 fmt::format("{} holds a list of more than single values; write [a, b, c]", key));
    }
    items.push_back(item.Scalar());
  }
  return "[" + joined(items) + "]";
}

void flatten(const YAML::Node& map, const std::string& prefix, const std::string& name, std::vector<ConfigEntry>& out) {
  for (const auto& pair : map) {
    const SourceLocation where = location_of(pair.first, name);
    const std::string key = prefix + pair.first.Scalar();
    check_key(where, key);
    const YAML::Node& value = pair.second;
    if (value.IsMap()) {
      flatten(value, key + ".", name, out);
    } else if (value.IsSequence()) {
      out.push_back({key, list_text(key, value, name), where});
    } else if (value.IsScalar()) {
      out.push_back({key, value.Scalar(), where});
    } else {
      fail_input(where, fmt::format("{} has no value; write '{}: VALUE' or remove the line", key, pair.first.Scalar()));
    }
    if (!value.IsMap()) check_value(where, key, out.back().value);
  }
}

std::vector<ConfigEntry> flatten_document(const YAML::Node& root, const std::string& name) {
  std::vector<ConfigEntry> entries;
  if (root.IsNull()) return entries;
  if (!root.IsMap()) fail_input(location_of(root, name), "the file is not a map; write lines of 'key: value'");
  flatten(root, "", name, entries);
  return entries;
}

}  // namespace

RawConfig::RawConfig(std::vector<ConfigEntry> entries) {
  for (auto& entry : entries) {
    if (const ConfigEntry* first = find(entry.key)) {
      fail_input(entry.where,
                 fmt::format("{} is given twice, first in line {}; keep one of the two", entry.key, first->where.line));
    }
    put(std::move(entry));
  }
}

RawConfig RawConfig::load(const std::string& path) {
  return RawConfig(flatten_document(load_yaml(path, kLimits), path));
}

RawConfig RawConfig::parse(const std::string& text, const std::string& name) {
  return RawConfig(flatten_document(parse_yaml(text, name, kLimits), name));
}

RawConfig RawConfig::from_map(const YAML::Node& map, const std::string& name) {
  return RawConfig(flatten_document(map, name));
}

void RawConfig::set(const std::string& assignment) {
  const SourceLocation where{"--set " + assignment.substr(0, kLongestKey), 0};
  const auto equals = assignment.find('=');
  if (equals == std::string::npos) fail_input(where, "there is no '='; write --set key=value");
  ConfigEntry entry{assignment.substr(0, equals), assignment.substr(equals + 1), where};
  check_key(where, entry.key);
  check_value(where, entry.key, entry.value);
  put(std::move(entry));
}

void RawConfig::override_with(const RawConfig& other) {
  for (const auto& entry : other.entries_) put(entry);
}

ConfigEntry RawConfig::take(const std::string& key) {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) { return entry.key == key; });
  if (found == entries_.end()) return {};
  ConfigEntry entry = std::move(*found);
  entries_.erase(found);
  position_.clear();
  for (std::size_t i = 0; i < entries_.size(); ++i) position_[entries_[i].key] = i;
  return entry;
}

RawConfig RawConfig::take_below(const std::string& first) {
  const std::string prefix = first + ".";
  RawConfig taken, left;
  for (auto& entry : entries_) {
    const bool below = entry.key.starts_with(prefix);
    if (below) entry.key.erase(0, prefix.size());
    (below ? taken : left).put(std::move(entry));
  }
  *this = std::move(left);
  return taken;
}

const ConfigEntry* RawConfig::find(const std::string& key) const {
  const auto found = position_.find(key);
  return found == position_.end() ? nullptr : &entries_[found->second];
}

void RawConfig::put(ConfigEntry entry) {
  const auto [at, is_new] = position_.emplace(entry.key, entries_.size());
  if (is_new) {
    entries_.push_back(std::move(entry));
  } else {
    entries_[at->second] = std::move(entry);
  }
}

std::string to_yaml(const std::map<std::string, std::string>& values) {
  std::string text;
  for (const auto& [key, value] : values) text += fmt::format("{}: {}\n", key, yaml_scalar(value));
  return text;
}

}  // namespace rebasis::arch
