#include "arch/scnn/srams.h"

namespace rebasis::arch {

std::vector<SramBanks> sram_banks(const ScnnSpec& spec) {
  // Ports are whole bytes.
  const auto row = [](std::int64_t bits) { return ceil_div<std::int64_t>(bits, 8) * 8; };
  return {banked("input_gb", spec.pes(), spec.iaram_bytes, 1, row(spec.activations_I * spec.stored_bits())),
          banked("weight_buffer", 1, spec.weight_buffer_bytes, 2,
                 2 * row(spec.weights_F * spec.broadcast_vectors * spec.stored_bits())),
          banked("output_gb", spec.pes(), spec.oaram_bytes, 2, 2 * row(spec.ppu_outputs * spec.stored_bits()))};
}

}  // namespace rebasis::arch
