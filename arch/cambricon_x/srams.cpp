#include "arch/cambricon_x/srams.h"

namespace rebasis::arch {

std::vector<SramBanks> sram_banks(const CambriconXSpec& spec) {
  return {banked("input_gb", 1, spec.nbin_bytes, spec.nbin_banks, spec.scan * spec.precision_bits),
          banked("weight_buffer", spec.pes, spec.sb_bytes, spec.sb_banks, spec.multipliers * spec.precision_bits),
          banked("index_gb", 1, spec.index_bytes, spec.index_banks, spec.multipliers * spec.step_bits * spec.pes),
          banked("output_gb", 1, spec.nbout_bytes, spec.pes, spec.pes * CambriconXSpec::partial_sum_bits)};
}

}  // namespace rebasis::arch
