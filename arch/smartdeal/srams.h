// The memories of SmartDeal.
#pragma once

#include <vector>

#include "arch/energy/sram_banks.h"
#include "arch/smartdeal/spec.h"

namespace rebasis::arch {

/// Every SRAM on the chip; capacity and port width of a bank set its price.
[[nodiscard]] std::vector<SramBanks> sram_banks(const SmartDealSpec& spec);

}  // namespace rebasis::arch
