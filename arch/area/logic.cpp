#include "arch/area/logic.h"

#include <charconv>

#include "common/data_dir.h"
#include "common/file.h"
#include "common/text/suggest.h"
#include "common/text/yaml.h"

namespace rebasis::arch {

namespace {

constexpr double sram_node_nm = 28;

double number(const YAML::Node& node, const char* key, const std::string& path, double least, double most) {
  const YAML::Node value = node[key];
  if (!value.IsDefined() || !value.IsScalar())
    fail_input(location_of(node, path), std::string("'") + key + "' is missing; it must be a number");
  const std::string& text = value.Scalar();
  double parsed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc() || end != text.data() + text.size() || !(parsed >= least && parsed <= most))
    fail_input(location_of(value, path), std::string(key) + " is '" + text + "'; it must be a number from " +
                                             std::to_string(least) + " to " + std::to_string(most));
  return parsed;
}

std::string text_of(const YAML::Node& node, const char* key, const std::string& path) {
  const YAML::Node value = node[key];
  if (!value.IsDefined() || !value.IsScalar() || value.Scalar().empty())
    fail_input(location_of(node, path), std::string("'") + key + "' is missing; it must be a text");
  return value.Scalar();
}

}  // namespace

const LogicDensity& LogicDensity::shipped() {
  static const LogicDensity table = [] {
    const std::string path = data_path("arch/area/tables/logic.yaml");
    return parse(read_file(path), path);
  }();
  return table;
}

LogicDensity LogicDensity::parse(const std::string& text, const std::string& path) {
  const YAML::Node root = parse_yaml(text, path);
  if (!root.IsMap()) fail_input({path, 1}, "this is no map; it must have node, library, utilisation and libraries");
  LogicDensity table;
  table.node_nm = number(root, "node", path, 1, 1000);
  table.utilisation = number(root, "utilisation", path, 0.01, 1);
  table.library = text_of(root, "library", path);
  const YAML::Node libraries = root["libraries"];
  if (!libraries.IsDefined() || !libraries.IsMap())
    fail_input(location_of(root, path), "'libraries' is missing; it must be a map of libraries");
  for (const auto& entry : libraries) {
    if (!entry.second.IsMap()) fail_input(location_of(entry.second, path), "a library has node, nand2_um2 and source");
    table.libraries.emplace(entry.first.Scalar(), Library{number(entry.second, "node", path, 1, 1000),
                                                          number(entry.second, "nand2_um2", path, 1e-4, 1e3),
                                                          text_of(entry.second, "source", path)});
  }
  if (!table.libraries.contains(table.library)) {
    std::vector<std::string> known;
    for (const auto& [name, library] : table.libraries) known.push_back(name);
    fail_unknown_name(location_of(root["library"], path), "library", table.library, known);
  }
  return table;
}

double LogicDensity::placed_um2() const {
  const Library& chosen = libraries.at(library);
  return chosen.nand2_um2 * (node_nm / chosen.node_nm) * (node_nm / chosen.node_nm) / utilisation;
}

double LogicDensity::sram_factor() const { return (node_nm / sram_node_nm) * (node_nm / sram_node_nm); }

}  // namespace rebasis::arch
