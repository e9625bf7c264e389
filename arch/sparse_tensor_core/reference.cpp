#include "arch/parameter_reference.h"
#include "arch/sparse_tensor_core/area.h"
#include "arch/sparse_tensor_core/spec.h"

namespace rebasis::arch {
namespace {

DesignFacts facts(const SparseTensorCoreSpec& spec) {
  const std::int64_t multipliers = spec.Tn * spec.Ti;
  return {.multipliers = multipliers,
          .sram_bytes = spec.nbin_bytes + spec.nbout_bytes + spec.sb_bytes + spec.index_bytes,
          .area = area_of(spec)};
}

const RegisterParameters registration(
    "sparse-tensor-core",
    "A dense array in the style of sparse tensor cores: DianNao's organisation with weights that may be kept as 1 or 2 "
    "of every 4, 8 or 16 channels, and a multiplexer in front of each multiplier that selects its neuron.",
    sparse_tensor_core_parameters, facts);

}  // namespace
}  // namespace rebasis::arch
