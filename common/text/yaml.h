// Reading YAML files that may be hostile: bounded size, depth and number of nodes, with line numbers for messages.
// Every YAML file of the project is read through here.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstddef>
#include <string>

#include "common/error.h"

namespace rebasis {

/// What a YAML file may cost. A file beyond a limit is refused as bad input.
struct YamlLimits {
  std::size_t bytes = 1 << 20;  ///< size of the text
  std::size_t nodes = 100'000;  ///< nodes after aliases are expanded
  std::size_t depth = 32;       ///< nesting of maps and lists
};

/// Parses one YAML document. `name` stands for the file in messages. Throws Error(bad_input) on a syntax error, a
/// duplicate key, a key that is not a scalar, a merge key, a second document or a limit exceeded.
/// An empty text gives a null node.
YAML::Node parse_yaml(const std::string& text, const std::string& name, const YamlLimits& limits = {});

/// Reads and parses the file `path`.
YAML::Node load_yaml(const std::string& path, const YamlLimits& limits = {});

/// Where `node` stands in the file `name`.
SourceLocation location_of(const YAML::Node& node, const std::string& name);

/// A scalar written so that YAML reads the same text back: plain where that is safe, else double-quoted.
std::string yaml_scalar(const std::string& text);

}  // namespace rebasis
