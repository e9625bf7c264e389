// The on-chip memories of a design: what their prices and their area follow from.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "arch/energy/energy_table.h"
#include "common/units.h"

namespace rebasis::arch {

/// Memories of like banks.
struct SramBanks {
  std::string component;  ///< of the energy tables
  std::int64_t banks = 0;
  SramGeometry bank;
};

/// `copies` memories of `bytes` bytes in `banks` banks, which deliver `row_bits` bits in a cycle, together.
[[nodiscard]] inline SramBanks banked(std::string component, std::int64_t copies, std::int64_t bytes,
                                      std::int64_t banks, std::int64_t row_bits) {
  const std::int64_t port = std::max<std::int64_t>(8, ceil_div(row_bits, banks));
  return {std::move(component),
          copies * banks,
          {static_cast<std::uint64_t>(bytes / banks), static_cast<std::uint32_t>(port)}};
}

/// The bank of each component.
[[nodiscard]] inline EnergyTable::Srams bank_of_each(const std::vector<SramBanks>& memories) {
  EnergyTable::Srams srams;
  for (const SramBanks& memory : memories) srams.emplace(memory.component, memory.bank);
  return srams;
}

}  // namespace rebasis::arch
