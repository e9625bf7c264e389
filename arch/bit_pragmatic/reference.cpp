#include "arch/bit_pragmatic/area.h"
#include "arch/bit_pragmatic/spec.h"
#include "arch/parameter_reference.h"

namespace rebasis::arch {
namespace {

DesignFacts facts(const BitPragmaticSpec& spec) {
  return {.multipliers = spec.multipliers(),
          .sram_bytes = spec.nbin_bytes + spec.sb_bytes + spec.nbout_bytes,
          .area = area_of(spec)};
}

const RegisterParameters registration(
    "bit-pragmatic",
    "The Bit-Pragmatic accelerator: processes only the non-zero powers of two of each activation, "
    "16 activations along the channels against 16 weights of many filters.",
    bit_pragmatic_parameters, facts);

}  // namespace
}  // namespace rebasis::arch
