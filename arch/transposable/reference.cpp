#include "arch/area/area.h"
#include "arch/parameter_reference.h"
#include "arch/transposable/spec.h"
#include "arch/transposable/srams.h"

namespace rebasis::arch {
namespace {

DesignFacts facts(const TransposableSpec& spec) {
  const std::int64_t multipliers = spec.rows * spec.columns;
  const double array = static_cast<double>(multipliers) * mac_mm2(spec.precision_bits, spec.sum_bits);
  const double rebuild = static_cast<double>(spec.columns * spec.rebuild_terms) *
                         (adder_mm2(spec.precision_bits) + shifter_mm2(spec.precision_bits, 3));
  const double update = static_cast<double>(spec.lanes) * mac_mm2(spec.precision_bits, spec.sum_bits);
  return {.multipliers = multipliers,
          .sram_bytes = spec.input_bytes + spec.weight_bytes + spec.output_bytes + spec.counter_bytes,
          .area_mm2 = area_of(sram_banks(spec)) + array + rebuild + update};
}

const RegisterParameters registration(
    "transposable",
    "A training accelerator: an array whose weights are read in rows for the forward pass and in columns for the "
    "gradients of inputs, and that keeps the gradients of weights in place; one training step of a batch, all passes.",
    transposable_parameters, facts);

}  // namespace
}  // namespace rebasis::arch
