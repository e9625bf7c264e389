#include "workloads/network_spec/network.h"

#include <algorithm>
#include <filesystem>

#include "common/data_dir.h"
#include "common/file.h"
#include "common/text/suggest.h"

namespace rebasis::networks {
namespace {

namespace fs = std::filesystem;

constexpr const char* folder = "workloads/networks";
/// Shape lists that are no graphs end so.
constexpr std::string_view shapes_ending = "_layers.yaml";
constexpr double bytes_of_parameter = 4;

bool is_path(const std::string& text) { return text.find('/') != std::string::npos || text.ends_with(".yaml"); }

}  // namespace

double Network::ours(const Published& entry) const {
  if (entry.what == "macs") return static_cast<double>(macs);
  const auto count = static_cast<double>(parameter_count);
  return entry.what == "parameters" ? count : count * bytes_of_parameter / static_cast<double>(entry.megabyte);
}

std::vector<std::string> network_names() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(data_path(folder))) {
    const std::string file = entry.path().filename().string();
    if (file.ends_with(".yaml") && !file.ends_with(shapes_ending)) names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

bool is_network_spec(const std::string& name_or_file) {
  if (name_or_file.ends_with(".yaml")) return true;
  return !is_path(name_or_file) && std::ranges::binary_search(network_names(), name_or_file);
}

Network load_network(const std::string& name_or_file, const LoadOptions& options) {
  if (is_path(name_or_file)) return parse_network(read_file(name_or_file), name_or_file, options);
  const std::vector<std::string> names = network_names();
  if (!std::ranges::binary_search(names, name_or_file)) fail_unknown_name({}, "network", name_or_file, names);
  const std::string path = data_path(std::string(folder) + "/" + name_or_file + ".yaml");
  return parse_network(read_file(path), path, options);
}

}  // namespace rebasis::networks
