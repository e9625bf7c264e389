#include "arch/area/area.h"
#include "arch/parameter_reference.h"
#include "arch/trec/srams.h"

namespace rebasis::arch {
namespace {

/// Arithmetic of the reuse unit: hash lanes, adders of the sums, dividers (a subtraction a stage), adders of the
/// gather.
double reuse_logic_mm2(const TrecSpec& spec) {
  const auto times = [](std::int64_t count, double each) { return static_cast<double>(count) * each; };
  return times(spec.hash_lanes * spec.hash_width, mac_mm2(8, 32)) +
         times(spec.hash_width, adder_mm2(8 * TrecSpec::bucket_sum_bytes)) +
         times(spec.dividers * spec.divider_stages, adder_mm2(16)) +
         times(spec.gather_columns * spec.Tn, adder_mm2(spec.sum_bits));
}

DesignFacts facts(const TrecSpec& spec) {
  const std::int64_t multipliers = spec.Tn * spec.Ti;
  return {.multipliers = multipliers + spec.hash_lanes * spec.hash_width,
          .sram_bytes = spec.nbin_bytes + spec.nbout_bytes + spec.sb_bytes + reuse_sram_bytes(spec),
          .area_mm2 = area_of(sram_banks(spec)) + reuse_logic_mm2(spec) +
                      static_cast<double>(multipliers) * mac_mm2(spec.precision_bits, spec.sum_bits)};
}

const RegisterParameters registration("trec",
                                      "DianNao's array with a reuse unit in front (TREC): sub-vectors of the im2row "
                                      "matrix that hash alike share the product of their centroid.",
                                      trec_parameters, facts);

}  // namespace
}  // namespace rebasis::arch
