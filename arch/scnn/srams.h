// The memories of SCNN.
#pragma once

#include <vector>

#include "arch/energy/sram_banks.h"
#include "arch/scnn/spec.h"

namespace rebasis::arch {

/// Every SRAM on the chip; capacity and port width of a bank set its price. Accumulators and weight FIFOs are
/// registers.
[[nodiscard]] std::vector<SramBanks> sram_banks(const ScnnSpec& spec);

}  // namespace rebasis::arch
