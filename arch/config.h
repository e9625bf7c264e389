// Raw configuration: keys and values as a user wrote them, with the line each came from. Nothing is checked here
// beyond the syntax; arch/parameter.h turns a RawConfig into a validated spec.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/error.h"

namespace YAML {
class Node;
}

namespace rebasis::arch {

/// One "key: value" of a file or of --set.
struct ConfigEntry {
  std::string key;       ///< dotted path from the root of the file: "input_gb.banks"
  std::string value;     ///< the scalar's text; a list of scalars reads "[a, b]"
  SourceLocation where;  ///< file and line, or "--set key=value" with line 0
};

/// The entries of one configuration, each key once, in the order of the file.
class RawConfig {
 public:
  RawConfig() = default;
  /// Reads a YAML file: nested maps are flattened to dotted keys. Throws Error(bad_input) with file and line on
  /// anything that is not maps of scalars or lists of scalars, on duplicate keys and beyond the limits of YamlLimits.
  static RawConfig load(const std::string& path);
  /// The same for a text; `name` stands for the file in messages.
  static RawConfig parse(const std::string& text, const std::string& name);
  /// The same for a map inside a file that somebody else reads; `name` stands for the file in messages.
  static RawConfig from_map(const YAML::Node& map, const std::string& name);

  /// Applies one "key=value" of the command line; it overrides the file.
  void set(const std::string& assignment);
  /// Applies every entry of `other` over this configuration.
  void override_with(const RawConfig& other);
  /// Removes a key and returns its entry, or an entry with an empty key.
  ConfigEntry take(const std::string& key);
  /// Removes the entries whose keys begin with "FIRST." and returns them, their keys without it.
  RawConfig take_below(const std::string& first);

  [[nodiscard]] const std::vector<ConfigEntry>& entries() const { return entries_; }
  /// The entry of a key, or null.
  [[nodiscard]] const ConfigEntry* find(const std::string& key) const;

 private:
  explicit RawConfig(std::vector<ConfigEntry> entries);  ///< refuses duplicate keys
  void put(ConfigEntry entry);

  std::vector<ConfigEntry> entries_;
  std::map<std::string, std::size_t> position_;
};

/// A flat map of dotted keys as YAML text, one line a key, that RawConfig::parse reads back unchanged.
std::string to_yaml(const std::map<std::string, std::string>& values);

}  // namespace rebasis::arch
