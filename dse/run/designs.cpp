#include "dse/run/designs.h"

#include <algorithm>
#include <filesystem>

#include "arch/energy/energy_table.h"
#include "common/error.h"
#include "common/sha256.h"
#include "common/text/suggest.h"

namespace rebasis::dse {

namespace {

namespace fs = std::filesystem;

/// Names of a study that are no parameters.
const std::set<std::string> reserved{"accelerator", "recipe", "energy"};

/// What the table says; of no table, what all shipped ones say, because models have different defaults.
std::string prices(const std::string& table) {
  if (!table.empty()) return arch::EnergyTable::load(table).describe();
  std::string text;
  for (const std::string& name : arch::EnergyTable::names()) text += arch::EnergyTable::load(name).describe();
  return text;
}

std::string digest_of(const arch::AcceleratorFile& file) {
  std::string text = file.model + "\n" + file.recipe + "\n";
  for (const arch::ConfigEntry& entry : file.config.entries()) text += entry.key + "=" + entry.value + "\n";
  return sha256(text + prices(file.energy_table));
}

/// A file that a study names starts at the study's folder; what is no path stays.
std::string located(const std::string& name, const Study& study) {
  const bool is_path = name.find('/') != std::string::npos || name.ends_with(".yaml") || name.ends_with(".yml");
  if (!is_path) return name;
  return (fs::absolute(study.file).parent_path() / name).lexically_normal().string();
}

/// "diannao:sb.size" is the parameter sb.size of diannao alone; without a prefix, of all. The owner and the parameter.
struct OwnedName {
  std::string owner, key;
};
OwnedName owned(const std::string& name) {
  const std::size_t colon = name.find(':');
  if (colon == std::string::npos) return {"", name};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

}  // namespace

Designs::Designs(const Study& study) : study_(study) {
  const auto dimension = std::find_if(study.space.dimensions.begin(), study.space.dimensions.end(),
                                      [](const Dimension& d) { return d.name == "accelerator"; });
  if (dimension == study.space.dimensions.end()) {
    add_base(study.accelerator);
  } else {
    for (const Value& value : dimension->values) add_base(value.text);
  }
  check_names();
}

void Designs::add_base(const std::string& name) {
  const std::string accelerator = located(name, study_);
  Base base;
  base.file = arch::load_accelerator_file(accelerator);
  base.reference = arch::Registry<arch::ParameterReference>::global().create(base.file.model);
  for (const arch::ParameterInfo& parameter : base.reference->parameters()) base.keys.insert(parameter.key);
  base.digest = digest_of(base.file);
  bases_.emplace(accelerator, std::move(base));
}

bool Designs::used_elsewhere(const std::string& name) const {
  const auto uses = [&](const Expression& e) {
    return std::find(e.names().begin(), e.names().end(), name) != e.names().end();
  };
  const Space& space = study_.space;
  const auto formula = [&](const Formula& f) { return uses(f.expression); };
  const bool in_recipe = std::any_of(study_.workloads.begin(), study_.workloads.end(), [&](const Workload& workload) {
    return workload.trace.empty();  // its recipe may say ${name}; the recipe's own parser refuses what is left over
  });
  return in_recipe || std::any_of(space.let.begin(), space.let.end(), formula) ||
         std::any_of(space.derived.begin(), space.derived.end(), formula) ||
         std::any_of(space.where.begin(), space.where.end(), uses);
}

void Designs::check_names() const {
  std::vector<std::string> known(reserved.begin(), reserved.end());
  for (const auto& [name, base] : bases_) known.insert(known.end(), base.keys.begin(), base.keys.end());
  const auto check = [&](const std::string& name, const SourceLocation& where) {
    if (const OwnedName parts = owned(name); !parts.owner.empty()) {
      const auto base = bases_.find(located(parts.owner, study_));
      if (base == bases_.end()) fail_input(where, name + ": " + parts.owner + " is no accelerator of this study");
      if (!base->second.keys.contains(parts.key))
        fail_unknown_name(where, "parameter", parts.key, {base->second.keys.begin(), base->second.keys.end()});
      return;
    }
    if (std::find(known.begin(), known.end(), name) == known.end() && !used_elsewhere(name))
      fail_unknown_name(where, "parameter", name, known);
  };
  for (const Dimension& dimension : study_.space.dimensions) check(dimension.name, dimension.where);
  for (const Formula& formula : study_.space.derived) check(formula.name, formula.expression.where());
  for (const auto& [name, value] : study_.set) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      fail_unknown_name({study_.file, 0}, "parameter", name, known);
  }
}

const std::string& Designs::price_digest(const std::string& table) const {
  std::string& digest = price_digests_[table];
  if (digest.empty()) digest = sha256(prices(table));
  return digest;
}

Design Designs::resolve(const Point& point) const {
  Design design{study_.accelerator, {}, study_.recipe, {}, {}, {}};
  if (const auto name = point.settings.find("accelerator"); name != point.settings.end())
    design.accelerator = name->second;
  if (const auto name = point.settings.find("recipe"); name != point.settings.end()) design.recipe = name->second;
  design.accelerator = located(design.accelerator, study_);
  const Base& chosen = base(design.accelerator);
  design.digest = chosen.digest;
  if (design.recipe.empty()) design.recipe = chosen.file.recipe;
  for (const auto* settings : {&study_.set, &point.settings}) {
    for (const auto& [name, value] : *settings) {
      const OwnedName parts = owned(name);
      const std::string& key = parts.key;
      if (!parts.owner.empty() && located(parts.owner, study_) != design.accelerator) continue;
      const bool parameter = chosen.keys.contains(key) || key == "energy";
      if (parameter) {
        design.overrides.push_back(key + "=" + (key == "energy" ? located(value, study_) : value));
        if (key == "energy") design.digest += price_digest(located(value, study_));
      } else if (std::any_of(bases_.begin(), bases_.end(), [&, &parameter_name = key](const auto& b) {
                   return b.second.keys.contains(parameter_name);
                 })) {
        design.infeasible = design.accelerator + " has no parameter " + key;
      }
    }
  }
  if (!design.infeasible.empty()) return design;
  try {
    arch::AcceleratorFile file = chosen.file;
    arch::apply_overrides(file, design.overrides);
    design.facts = chosen.reference->facts(file.config);
  } catch (const Error& error) {
    design.infeasible = error.what();
  }
  return design;
}

}  // namespace rebasis::dse
