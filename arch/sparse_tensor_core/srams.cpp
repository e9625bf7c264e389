#include "arch/sparse_tensor_core/srams.h"

#include "arch/diannao/srams.h"

namespace rebasis::arch {

std::vector<SramBanks> sram_banks(const SparseTensorCoreSpec& spec) {
  std::vector<SramBanks> banks = sram_banks(static_cast<const DianNaoSpec&>(spec));
  banks.push_back(banked("index_gb", 1, spec.index_bytes, spec.index_banks, spec.index_banks * spec.index_port_bits));
  return banks;
}

}  // namespace rebasis::arch
