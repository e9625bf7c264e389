#include "arch/transposable/srams.h"

namespace rebasis::arch {

std::vector<SramBanks> sram_banks(const TransposableSpec& spec) {
  return {banked("input_gb", 1, spec.input_bytes, spec.input_banks, spec.input_banks * spec.input_port_bits),
          banked("weight_buffer", 1, spec.weight_bytes, spec.weight_banks, spec.weight_banks * spec.precision_bits),
          banked("output_gb", 1, spec.output_bytes, spec.output_banks, spec.output_banks * spec.output_port_bits),
          banked("switch_counters", 1, spec.counter_bytes, 1, 64)};
}

}  // namespace rebasis::arch
