// What an action costs. Every number comes from a YAML table with its source (docs/energy.md); none is in C++.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "arch/energy/sram_shape.h"
#include "common/units.h"

namespace rebasis::arch {

/// One line of a table.
struct EnergyPrice {
  std::string component;
  std::string action;
  double pj = 0;                  ///< of one action; with `scales_with_sram` at the table's first anchor
  bool per_byte = false;          ///< the action is the move of one byte (8 bits)
  bool scales_with_sram = false;  ///< follows the bank's capacity and port width
  std::string source;             ///< where the number comes from; never empty
};

/// Actions x prices = energy.
class EnergyTable {
 public:
  using Srams = std::map<std::string, SramGeometry>;  ///< by component

  /// A shipped table by its name ("smartdeal-28nm"), or a file by its path (a text with '/' or ending in .yaml or
  /// .yml). Throws Error(bad_input) with file and line on anything that is not a table.
  static EnergyTable load(const std::string& name_or_path);
  /// The same from a text. `path` stands for the file in messages; relative paths in the text start at its folder.
  static EnergyTable parse(const std::string& text, const std::string& path);
  /// Names of the shipped tables, sorted.
  static std::vector<std::string> names();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& description() const { return description_; }
  /// In order of component and action.
  [[nodiscard]] std::vector<EnergyPrice> prices() const;
  /// Null when no price scales with SRAM.
  [[nodiscard]] const SramShape* sram_shape() const { return shape_.get(); }

  /// Energy of one action. An action without a price, and a price that scales with an SRAM that `srams` does not have,
  /// are internal errors that name the action.
  [[nodiscard]] Picojoules price(const std::string& component, const std::string& action, const Srams& srams) const;
  /// `actions`: "component.action" -> count. Returns pJ by component; each component of `actions` has an entry.
  [[nodiscard]] std::map<std::string, double> price_all(const std::map<std::string, std::uint64_t>& actions,
                                                        const Srams& srams) const;
  /// One line for each SRAM whose price lies outside the range of the sweep, to be shown beside every result.
  [[nodiscard]] std::vector<std::string> warnings(const Srams& srams) const;
  /// Markdown: what the table is, its anchors and every price with its source.
  [[nodiscard]] std::string describe() const;

 private:
  friend class EnergyTableReader;
  std::string name_;
  std::string description_;
  std::map<std::string, EnergyPrice> prices_;  ///< by "component.action"
  std::shared_ptr<const SramShape> shape_;
};

}  // namespace rebasis::arch
