// The memories of the accelerator with a reuse unit.
#pragma once

#include <vector>

#include "arch/energy/sram_banks.h"
#include "arch/trec/spec.h"

namespace rebasis::arch {

/// Every SRAM on the chip, DianNao's first; capacity and port width of a bank set its price.
[[nodiscard]] std::vector<SramBanks> sram_banks(const TrecSpec& spec);

/// Bytes of the reuse unit's memories.
[[nodiscard]] std::int64_t reuse_sram_bytes(const TrecSpec& spec);

}  // namespace rebasis::arch
