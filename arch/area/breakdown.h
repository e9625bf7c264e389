// The area of a design by component: plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rebasis::arch {

/// A line of the table.
struct AreaItem {
  std::string component;  ///< "rebuild engines"
  std::string block;      ///< of arch/area/tables/gates.yaml, "flip_flops", or "sram"
  std::int64_t instances = 0;
  double nand2 = 0;  ///< NAND2 equivalents of all instances; 0 for SRAM
  double mm2 = 0;    ///< of all instances
  [[nodiscard]] bool sram() const { return block == "sram"; }
  bool operator==(const AreaItem&) const = default;
};

struct AreaBreakdown {
  std::vector<AreaItem> items;
  std::vector<std::string> notes;  ///< to be shown with the table
  double logic_mm2 = 0, sram_mm2 = 0;
  [[nodiscard]] double total_mm2() const { return logic_mm2 + sram_mm2; }
  bool operator==(const AreaBreakdown&) const = default;
};

}  // namespace rebasis::arch
