#include "arch/accelerator_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "common/data_dir.h"
#include "common/text/suggest.h"

namespace rebasis::arch {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestChain = 16;

bool is_path(const std::string& text) {
  return text.find('/') != std::string::npos || text.ends_with(".yaml") || text.ends_with(".yml");
}

/// A path named inside `file`, seen from the working directory.
std::string relative_to(const std::string& file, const std::string& path) {
  return fs::path(path).is_absolute() ? path : (fs::path(file).parent_path() / path).string();
}

std::string preset_path(const SourceLocation& where, const std::string& name) {
  const std::vector<std::string> known = preset_names();
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    fail_input(where, fmt::format("unknown accelerator {}{}; give a .yaml file or one of {}", in_quotes(name),
                                  did_you_mean(name, known), joined(known)));
  }
  return data_path("arch/presets/" + name + ".yaml");
}

/// Identity of a file for the search of cycles.
std::string identity(const std::string& path) {
  std::error_code ignored;
  const fs::path canonical = fs::weakly_canonical(path, ignored);
  return ignored ? path : canonical.string();
}

/// Reads a file and what it is based on. `chain` holds the identities of the files that lead here.
AcceleratorFile load_chain(const std::string& path, std::vector<std::string>& chain) {
  RawConfig own = RawConfig::load(path);
  chain.push_back(identity(path));
  const ConfigEntry model = own.take("accelerator");
  const ConfigEntry energy = own.take("energy");
  const ConfigEntry recipe = own.take("recipe");
  const ConfigEntry base = own.take("based_on");
  const ConfigEntry description = own.take("description");

  AcceleratorFile file;
  if (!base.key.empty()) {
    const std::string base_path =
        is_path(base.value) ? relative_to(path, base.value) : preset_path(base.where, base.value);
    if (std::find(chain.begin(), chain.end(), identity(base_path)) != chain.end()) {
      fail_input(base.where,
                 fmt::format("based_on {} leads back to this file; base it on a preset", in_quotes(base.value)));
    }
    if (chain.size() >= kLongestChain) {
      fail_input(base.where, fmt::format("more than {} files are based on each other; merge some", kLongestChain));
    }
    file = load_chain(base_path, chain);
    if (!model.key.empty() && model.value != file.model) {
      fail_input(model.where,
                 fmt::format("accelerator {} differs from {} of the base {}; write accelerator: {} or "
                             "choose another base",
                             in_quotes(model.value), in_quotes(file.model), in_quotes(base.value), file.model));
    }
  } else if (model.key.empty()) {
    fail_input({path, 1}, "there is no 'accelerator:'; write accelerator: MODEL, or based_on: PRESET");
  } else {
    file.model = model.value;
  }
  if (!energy.key.empty()) file.energy_table = is_path(energy.value) ? relative_to(path, energy.value) : energy.value;
  if (!recipe.key.empty()) file.recipe = is_path(recipe.value) ? relative_to(path, recipe.value) : recipe.value;
  if (!description.key.empty()) file.description = description.value;
  file.config.override_with(own);
  return file;
}

}  // namespace

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& item : fs::directory_iterator(data_path("arch/presets"), error)) {
    if (item.path().extension() == ".yaml") names.push_back(item.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void apply_overrides(AcceleratorFile& file, const std::vector<std::string>& overrides) {
  RawConfig set;
  for (const auto& assignment : overrides) set.set(assignment);
  for (const char* key : {"accelerator", "based_on", "recipe", "description"}) {
    if (const ConfigEntry* entry = set.find(key)) {
      fail_input(entry->where, fmt::format("{} is no parameter; write it in a file", key));
    }
  }
  if (const ConfigEntry energy = set.take("energy"); !energy.key.empty()) file.energy_table = energy.value;
  file.config.override_with(set);
}

AcceleratorFile load_accelerator_file(const std::string& name_or_path, const std::vector<std::string>& overrides) {
  const std::string path = is_path(name_or_path) ? name_or_path : preset_path({}, name_or_path);
  std::vector<std::string> chain;
  AcceleratorFile file = load_chain(path, chain);
  file.source_path = path;
  apply_overrides(file, overrides);
  return file;
}

}  // namespace rebasis::arch
