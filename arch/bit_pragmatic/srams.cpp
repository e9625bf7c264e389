#include "arch/bit_pragmatic/srams.h"

namespace rebasis::arch {

std::vector<SramBanks> sram_banks(const BitPragmaticSpec& spec) {
  return {
      banked("input_gb", 1, spec.nbin_bytes, spec.nbin_banks, spec.nbin_row_bricks * spec.lanes * spec.precision_bits),
      banked("weight_buffer", 1, spec.sb_bytes, spec.sb_banks,
             spec.tiles * spec.sb_weights_per_cycle * spec.precision_bits),
      banked("output_gb", 1, spec.nbout_bytes, spec.nbout_banks,
             spec.tiles * spec.nbout_outputs_per_cycle * spec.accumulator_bits)};
}

}  // namespace rebasis::arch
