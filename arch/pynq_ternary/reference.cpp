#include "arch/parameter_reference.h"
#include "arch/pynq_ternary/area.h"
#include "arch/pynq_ternary/resources.h"
#include "arch/pynq_ternary/spec.h"

namespace rebasis::arch {
namespace {

DesignFacts facts(const PynqTernarySpec& spec) {
  require_fits(spec);
  return {.multipliers = spec.pes * spec.lanes(),
          .sram_bytes = spec.input_buffer_bytes + spec.weight_buffer_bytes + spec.output_buffer_bytes,
          .area = area_of(spec)};
}

const RegisterParameters registration(
    "pynq-z1-ternary",
    "The PE-wise ternary accelerator on a PYNQ-Z1 board: add/subtract lanes as large as a pruning group, "
    "and an indexer that skips all-zero groups.",
    pynq_ternary_parameters, facts);

}  // namespace
}  // namespace rebasis::arch
