// The memories of the sparse tensor core.
#pragma once

#include <vector>

#include "arch/energy/sram_banks.h"
#include "arch/sparse_tensor_core/spec.h"

namespace rebasis::arch {

/// DianNao's, and the index buffer.
[[nodiscard]] std::vector<SramBanks> sram_banks(const SparseTensorCoreSpec& spec);

}  // namespace rebasis::arch
