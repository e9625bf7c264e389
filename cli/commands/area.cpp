// rebasis area: what a design takes, before anything is simulated.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <optional>

#include "arch/accelerator_file.h"
#include "arch/area/area.h"
#include "arch/parameter_reference.h"
#include "cli/command.h"
#include "common/file.h"
#include "common/json.h"
#include "common/text/suggest.h"

namespace rebasis::cli {
namespace {

nlohmann::json as_json(const std::string& name, const arch::AreaBreakdown& area) {
  nlohmann::json components = nlohmann::json::array();
  for (const arch::AreaItem& item : area.items) {
    components.push_back({{"component", item.component},
                          {"block", item.block},
                          {"instances", item.instances},
                          {"nand2", item.nand2},
                          {"mm2", item.mm2}});
  }
  return {{"accelerator", name},       {"total_mm2", area.total_mm2()}, {"logic_mm2", area.logic_mm2},
          {"sram_mm2", area.sram_mm2}, {"components", components},      {"notes", area.notes}};
}

class Area : public Command {
 public:
  std::string description() const override {
    return "Prints the area of an accelerator by component: SRAM banks from a CACTI sweep, logic as NAND2 equivalents "
           "of synthesised blocks times the area of a NAND2. Without a name, one line for each preset.\n\n"
           "How it is computed, from what sources, and what is not in it: docs/area.md. Studies bound and compare "
           "designs by the same figures (area_mm2, area_logic_mm2, area_sram_mm2).";
  }

  std::vector<Example> examples() const override {
    return {{"rebasis area", "All presets."},
            {"rebasis area smartdeal", "SmartDeal by component, with the share of its rebuild engines."},
            {"rebasis area smartdeal --set array.dim_F=16 --json", "Another array, for a program."},
            {"rebasis area diannao-original --node 65", "At 65 nm, where it was built."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("ACCELERATOR", accelerator_, "Preset or YAML file; without it, all presets");
    app.add_option("--set", sets_, "Override a parameter: key=value")->allow_extra_args(false);
    app.add_option("--table", table_, "Densities of logic in place of arch/area/tables/logic.yaml")->type_name("FILE");
    app.add_option("--library", library_, "Library of that table whose NAND2 counts");
    app.add_option("--utilisation", utilisation_, "Share of placed area that is cells")->check(CLI::Range(0.01, 1.0));
    app.add_option("--node", node_, "Node of the areas in nm; they scale with its square")
        ->check(CLI::Range(1.0, 1000.0));
    app.add_flag("--json", json_, "Print JSON");
  }

  int run() override {
    const arch::LogicDensity density = chosen_density();
    if (accelerator_.empty()) {
      if (!sets_.empty()) fail_input("--set changes one accelerator; name it");
      all(density);
      return 0;
    }
    const arch::AreaBreakdown area = arch::at_density(area_of(accelerator_, sets_), density);
    std::cout << (json_ ? to_text(as_json(accelerator_, area)) : basis(density) + "\n" + arch::to_text(area));
    return 0;
  }

 private:
  static arch::AreaBreakdown area_of(const std::string& name, const std::vector<std::string>& sets) {
    const arch::AcceleratorFile file = arch::load_accelerator_file(name, sets);
    return arch::Registry<arch::ParameterReference>::global().create(file.model)->facts(file.config).area;
  }

  [[nodiscard]] arch::LogicDensity chosen_density() const {
    arch::LogicDensity density =
        table_.empty() ? arch::LogicDensity::shipped() : arch::LogicDensity::parse(read_file(table_), table_);
    if (!library_.empty()) {
      std::vector<std::string> known;
      for (const auto& [name, library] : density.libraries) known.push_back(name);
      if (!density.libraries.contains(library_)) fail_unknown_name({}, "library", library_, known);
      density.library = library_;
    }
    density.utilisation = utilisation_.value_or(density.utilisation);
    density.node_nm = node_.value_or(density.node_nm);
    return density;
  }

  static std::string basis(const arch::LogicDensity& density) {
    const arch::LogicDensity::Library& library = density.libraries.at(density.library);
    return fmt::format(
        "At {:g} nm: a NAND2 takes {:.4g} um2 of placed area ({}, {:g} nm: {:g} um2, scaled with the square; "
        "utilisation {:g}).\n",
        density.node_nm, density.placed_um2(), density.library, library.node_nm, library.nand2_um2,
        density.utilisation);
  }

  void all(const arch::LogicDensity& density) const {
    nlohmann::json list = nlohmann::json::array();
    std::string text =
        basis(density) + fmt::format("\n{:<28}{:>10}{:>10}{:>10}{:>16}\n", "preset", "mm2", "logic", "SRAM", "NAND2");
    for (const std::string& name : arch::preset_names()) {
      const arch::AreaBreakdown area = arch::at_density(area_of(name, {}), density);
      double nand2 = 0;
      for (const arch::AreaItem& item : area.items) nand2 += item.nand2;
      text += fmt::format("{:<28}{:>10.3f}{:>10.3f}{:>10.3f}{:>16.0f}\n", name, area.total_mm2(), area.logic_mm2,
                          area.sram_mm2, nand2);
      list.push_back(as_json(name, area));
    }
    std::cout << (json_ ? to_text(list) : text);
  }

  std::string accelerator_, table_, library_;
  std::vector<std::string> sets_;
  std::optional<double> utilisation_, node_;
  bool json_ = false;
};

const RegisterCommand<Area> registration("area");

}  // namespace
}  // namespace rebasis::cli
