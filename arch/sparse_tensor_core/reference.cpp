#include "arch/area/area.h"
#include "arch/parameter_reference.h"
#include "arch/sparse_tensor_core/spec.h"
#include "arch/sparse_tensor_core/srams.h"

namespace rebasis::arch {
namespace {

/// A multiplier with its adder and the multiplexer of its neuron: a level of a shifter moves each bit through a 2:1
/// multiplexer, as each of the `largest_group - 1` nodes of the selector's tree does.
double lane_mm2(const SparseTensorCoreSpec& spec) {
  return mac_mm2(spec.precision_bits, spec.sum_bits) + shifter_mm2(spec.precision_bits * (spec.largest_group - 1), 1);
}

DesignFacts facts(const SparseTensorCoreSpec& spec) {
  const std::int64_t multipliers = spec.Tn * spec.Ti;
  return {.multipliers = multipliers,
          .sram_bytes = spec.nbin_bytes + spec.nbout_bytes + spec.sb_bytes + spec.index_bytes,
          .area_mm2 = area_of(sram_banks(spec)) + static_cast<double>(multipliers) * lane_mm2(spec)};
}

const RegisterParameters registration(
    "sparse-tensor-core",
    "A dense array in the style of sparse tensor cores: DianNao's organisation with weights that may be kept as 1 or 2 "
    "of every 4, 8 or 16 channels, and a multiplexer in front of each multiplier that selects its neuron.",
    sparse_tensor_core_parameters, facts);

}  // namespace
}  // namespace rebasis::arch
