#include "arch/area/area.h"
#include "arch/parameter_reference.h"
#include "arch/smartdeal/spec.h"
#include "arch/smartdeal/srams.h"

namespace rebasis::arch {
namespace {

DesignFacts facts(const SmartDealSpec& spec) {
  const std::int64_t macs = spec.dim_M * spec.dim_C * spec.dim_F;
  const double mac = spec.bit_serial ? bit_serial_mac_mm2(spec.precision_bits, spec.accumulator_bits)
                                     : mac_mm2(spec.precision_bits, spec.accumulator_bits);
  return {.multipliers = macs,
          .sram_bytes =
              spec.input_gb_bytes + spec.dim_M * spec.weight_buffer_bytes + spec.index_gb_bytes + spec.output_gb_bytes,
          .area_mm2 = area_of(sram_banks(spec)) + static_cast<double>(macs) * mac};
}

const RegisterParameters registration(
    "smartdeal",
    "The SmartDeal accelerator: rebuilds weights from sparse power-of-two coefficients "
    "and a basis, and multiplies them bit-serially.",
    smartdeal_parameters, facts);

}  // namespace
}  // namespace rebasis::arch
