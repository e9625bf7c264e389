// The memories of the training accelerator.
#pragma once

#include <vector>

#include "arch/energy/sram_banks.h"
#include "arch/transposable/spec.h"

namespace rebasis::arch {

/// Every SRAM on the chip; capacity and port width of a bank set its price.
[[nodiscard]] std::vector<SramBanks> sram_banks(const TransposableSpec& spec);

}  // namespace rebasis::arch
