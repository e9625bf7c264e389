// The memories of Cambricon-X.
#pragma once

#include <vector>

#include "arch/cambricon_x/spec.h"
#include "arch/energy/sram_banks.h"

namespace rebasis::arch {

/// Every SRAM on the chip; capacity and port width of a bank set its price.
[[nodiscard]] std::vector<SramBanks> sram_banks(const CambriconXSpec& spec);

}  // namespace rebasis::arch
