#include "arch/parameter_reference.h"
#include "arch/trec/area.h"
#include "arch/trec/srams.h"

namespace rebasis::arch {
namespace {

DesignFacts facts(const TrecSpec& spec) {
  const std::int64_t multipliers = spec.Tn * spec.Ti;
  return {.multipliers = multipliers + spec.hash_lanes * spec.hash_width,
          .sram_bytes = spec.nbin_bytes + spec.nbout_bytes + spec.sb_bytes + reuse_sram_bytes(spec),
          .area = area_of(spec)};
}

const RegisterParameters registration("trec",
                                      "DianNao's array with a reuse unit in front (TREC): sub-vectors of the im2row "
                                      "matrix that hash alike share the product of their centroid.",
                                      trec_parameters, facts);

}  // namespace
}  // namespace rebasis::arch
