#include "cli/list/data_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/data_dir.h"
#include "common/file.h"
#include "common/json.h"
#include "common/text/suggest.h"
#include "common/text/yaml.h"

namespace rebasis::cli {
namespace {

namespace fs = std::filesystem;

/// The value of the key `description` of a YAML file, or "".
std::string description_in(const std::string& path) {
  const YAML::Node root = load_yaml(path);
  if (!root.IsMap()) return {};
  const YAML::Node description = root["description"];
  return description && description.IsScalar() ? description.Scalar() : std::string();
}

}  // namespace

DataFiles::DataFiles(std::string noun, std::string folder, std::string extension, bool grouped)
    : noun_(std::move(noun)), folder_(std::move(folder)), extension_(std::move(extension)), grouped_(grouped) {}

std::string DataFiles::path_of(const std::string& name) const { return data_path(folder_ + "/" + name + extension_); }

std::vector<std::string> DataFiles::names() const {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& file : fs::directory_iterator(data_path(folder_), error)) {
    if (file.path().extension() == extension_) names.push_back(file.path().stem().string());
  }
  if (error) fail_input(data_path(folder_) + ": " + error.message());
  std::ranges::sort(names);
  return names;
}

std::vector<CatalogueEntry> DataFiles::entries() const {
  std::vector<CatalogueEntry> entries;
  for (const std::string& name : names()) {
    const bool is_yaml = extension_ == ".yaml";
    const std::string group = grouped_ ? name.substr(0, name.find('-')) : "";
    entries.push_back({name, is_yaml ? description_in(path_of(name)) : path_of(name), group});
  }
  return entries;
}

std::string DataFiles::describe(const std::string& name, ListFormat format) const {
  const std::vector<std::string> known = names();
  if (std::ranges::find(known, name) == known.end()) fail_unknown_name({}, noun_, name, known);
  const std::string path = path_of(name);
  const std::string text = extension_ == ".yaml" ? read_file(path) : "";
  switch (format) {
    case ListFormat::json: {
      nlohmann::json entry{{"name", name}, {"path", path}};
      if (!text.empty()) entry["text"] = text;
      return to_text(entry);
    }
    case ListFormat::markdown:
      return text.empty() ? "`" + path + "`\n" : "```yaml\n# " + path + "\n" + text + "```\n";
    case ListFormat::text:
      break;
  }
  return text.empty() ? path + "\n" : "# " + path + "\n" + text;
}

}  // namespace rebasis::cli
