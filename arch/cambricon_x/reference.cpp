#include "arch/cambricon_x/area.h"
#include "arch/cambricon_x/spec.h"
#include "arch/parameter_reference.h"

namespace rebasis::arch {
namespace {

DesignFacts facts(const CambriconXSpec& spec) {
  const std::int64_t multipliers = spec.pes * spec.multipliers;
  return {.multipliers = multipliers,
          .sram_bytes = spec.nbin_bytes + spec.nbout_bytes + spec.pes * spec.sb_bytes + spec.index_bytes,
          .area = area_of(spec)};
}

const RegisterParameters registration(
    "cambricon-x",
    "Cambricon-X: step-indexed compressed synapses, a central indexing module that selects each PE's "
    "neurons, and PEs that make their own progress.",
    cambricon_x_parameters, facts);

}  // namespace
}  // namespace rebasis::arch
