#include "arch/parameter_reference.h"
#include "arch/scnn/area.h"
#include "arch/scnn/spec.h"

namespace rebasis::arch {
namespace {

DesignFacts facts(const ScnnSpec& spec) {
  return {.multipliers = spec.multipliers(), .sram_bytes = spec.storage_bytes(), .area = area_of(spec)};
}

const RegisterParameters registration(
    "scnn",
    "The SCNN accelerator: multiplies compressed weights by compressed activations as Cartesian "
    "products and scatters the products to banked accumulators.",
    scnn_parameters, facts);

}  // namespace
}  // namespace rebasis::arch
