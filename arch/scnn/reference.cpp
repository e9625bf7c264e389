#include "arch/area/area.h"
#include "arch/parameter_reference.h"
#include "arch/scnn/spec.h"
#include "arch/scnn/srams.h"

namespace rebasis::arch {
namespace {

DesignFacts facts(const ScnnSpec& spec) {
  // Every accumulator bank has an adder. What is in no SRAM is in registers: accumulators and weight FIFOs.
  std::int64_t in_srams = 0;
  const std::vector<SramBanks> memories = sram_banks(spec);
  for (const SramBanks& memory : memories) in_srams += memory.banks * static_cast<std::int64_t>(memory.bank.bank_bytes);
  const double arithmetic = static_cast<double>(spec.multipliers()) * multiplier_mm2(spec.precision_bits) +
                            static_cast<double>(spec.pes() * spec.banks) * adder_mm2(spec.accumulator_bits);
  return {.multipliers = spec.multipliers(),
          .sram_bytes = spec.storage_bytes(),
          .area_mm2 = area_of(memories) + registers_mm2(8 * (spec.storage_bytes() - in_srams)) + arithmetic};
}

const RegisterParameters registration(
    "scnn",
    "The SCNN accelerator: multiplies compressed weights by compressed activations as Cartesian "
    "products and scatters the products to banked accumulators.",
    scnn_parameters, facts);

}  // namespace
}  // namespace rebasis::arch
