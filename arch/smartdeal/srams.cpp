#include "arch/smartdeal/srams.h"

namespace rebasis::arch {

std::vector<SramBanks> sram_banks(const SmartDealSpec& spec) {
  return {
      banked("input_gb", 1, spec.input_gb_bytes, spec.input_banks(), spec.input_word_bytes() * spec.input_banks() * 8),
      banked("weight_buffer", spec.dim_M, spec.weight_buffer_bytes, spec.weight_buffer_banks,
             spec.line_weight_bytes() * spec.dim_C * 8),
      banked("index_gb", 1, spec.index_gb_bytes, spec.index_gb_banks, spec.pairs_per_cycle * spec.dim_M * spec.dim_C),
      banked("output_gb", 1, spec.output_gb_bytes, spec.output_gb_banks,
             spec.output_gb_port_bits * spec.output_gb_banks)};
}

}  // namespace rebasis::arch
