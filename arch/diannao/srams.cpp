#include "arch/diannao/srams.h"

namespace rebasis::arch {

std::vector<SramBanks> sram_banks(const DianNaoSpec& spec) {
  return {banked("input_gb", 1, spec.nbin_bytes, spec.nbin_banks, spec.nbin_banks * spec.nbin_port_bits),
          banked("weight_buffer", 1, spec.sb_bytes, spec.sb_banks, spec.sb_banks * spec.sb_port_bits),
          banked("output_gb", 1, spec.nbout_bytes, spec.nbout_banks, spec.nbout_banks * spec.nbout_port_bits)};
}

}  // namespace rebasis::arch
