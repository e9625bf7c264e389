#include "arch/parameter_reference.h"
#include "arch/transposable/area.h"
#include "arch/transposable/spec.h"

namespace rebasis::arch {
namespace {

DesignFacts facts(const TransposableSpec& spec) {
  const std::int64_t multipliers = spec.rows * spec.columns;
  return {.multipliers = multipliers,
          .sram_bytes = spec.input_bytes + spec.weight_bytes + spec.output_bytes + spec.counter_bytes,
          .area = area_of(spec)};
}

const RegisterParameters registration(
    "transposable",
    "A training accelerator: an array whose weights are read in rows for the forward pass and in columns for the "
    "gradients of inputs, and that keeps the gradients of weights in place; one training step of a batch, all passes.",
    transposable_parameters, facts);

}  // namespace
}  // namespace rebasis::arch
