#include "arch/diannao/area.h"
#include "arch/diannao/spec.h"
#include "arch/parameter_reference.h"

namespace rebasis::arch {
namespace {

DesignFacts facts(const DianNaoSpec& spec) {
  const std::int64_t multipliers = spec.Tn * spec.Ti;
  return {.multipliers = multipliers,
          .sram_bytes = spec.nbin_bytes + spec.nbout_bytes + spec.sb_bytes,
          .area = area_of(spec)};
}

const RegisterParameters registration("diannao",
                                      "The DianNao accelerator: Tn x Ti multipliers, adder trees and a non-linearity "
                                      "in one pipeline between three scratchpads; every "
                                      "weight and activation takes part, zero or not.",
                                      diannao_parameters, facts);

}  // namespace
}  // namespace rebasis::arch
