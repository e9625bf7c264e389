#include "arch/cambricon_x/spec.h"
#include "arch/parameter_reference.h"

namespace rebasis::arch {
namespace {

DesignFacts facts(const CambriconXSpec& spec) {
  return {.multipliers = spec.pes * spec.multipliers,
          .sram_bytes = spec.nbin_bytes + spec.nbout_bytes + spec.pes * spec.sb_bytes + spec.index_bytes};
}

const RegisterParameters registration(
    "cambricon-x",
    "Cambricon-X: step-indexed compressed synapses, a central indexing module that selects each PE's "
    "neurons, and PEs that make their own progress.",
    [] { return cambricon_x_parameters(); }, facts);

}  // namespace
}  // namespace rebasis::arch
