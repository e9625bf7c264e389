// The memories of Bit-Pragmatic.
#pragma once

#include <vector>

#include "arch/bit_pragmatic/spec.h"
#include "arch/energy/sram_banks.h"

namespace rebasis::arch {

/// Every SRAM on the chip; capacity and port width of a bank set its price.
[[nodiscard]] std::vector<SramBanks> sram_banks(const BitPragmaticSpec& spec);

}  // namespace rebasis::arch
