// How much area a gate takes: tables/logic.yaml (docs/area.md).
#pragma once

#include <map>
#include <string>

namespace rebasis::arch {

/// The table and what of it is chosen.
struct LogicDensity {
  struct Library {
    double node_nm = 0;
    double nand2_um2 = 0;
    std::string source;
  };
  double node_nm = 0;      ///< at which areas are given
  std::string library;     ///< one of `libraries`
  double utilisation = 0;  ///< of placed area by cells, in (0, 1]
  std::map<std::string, Library> libraries;

  /// The shipped table. Throws Error(bad_input) when it is missing or damaged.
  static const LogicDensity& shipped();
  /// From a text; `path` stands for the file in messages.
  static LogicDensity parse(const std::string& text, const std::string& path);

  /// Placed area of a NAND2 equivalent in um2. Areas scale with the square of the node.
  [[nodiscard]] double placed_um2() const;
  /// Factor from the 28 nm of the SRAM sweep to `node_nm`.
  [[nodiscard]] double sram_factor() const;
};

}  // namespace rebasis::arch
