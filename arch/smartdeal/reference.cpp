#include "arch/parameter_reference.h"
#include "arch/smartdeal/area.h"
#include "arch/smartdeal/spec.h"

namespace rebasis::arch {
namespace {

DesignFacts facts(const SmartDealSpec& spec) {
  return {.multipliers = spec.dim_M * spec.dim_C * spec.dim_F,
          .sram_bytes =
              spec.input_gb_bytes + spec.dim_M * spec.weight_buffer_bytes + spec.index_gb_bytes + spec.output_gb_bytes,
          .area = area_of(spec)};
}

const RegisterParameters registration(
    "smartdeal",
    "The SmartDeal accelerator: rebuilds weights from sparse power-of-two coefficients "
    "and a basis, and multiplies them bit-serially.",
    smartdeal_parameters, facts);

}  // namespace
}  // namespace rebasis::arch
