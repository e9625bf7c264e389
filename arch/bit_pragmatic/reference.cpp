#include <bit>

#include "arch/area/area.h"
#include "arch/bit_pragmatic/spec.h"
#include "arch/bit_pragmatic/srams.h"
#include "arch/parameter_reference.h"

namespace rebasis::arch {
namespace {

DesignFacts facts(const BitPragmaticSpec& spec) {
  // A lane shifts by up to 2^L - 1 places and adds to its PIP's tree; the PIP shifts the sum to its power and adds it
  // to the window's.
  const std::int64_t width = spec.precision_bits + (std::int64_t{1} << spec.first_stage_bits) - 1;
  const auto powers = static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(spec.precision_bits - 1)));
  const double lane = shifter_mm2(width, spec.first_stage_bits) + adder_mm2(width);
  const double pip = static_cast<double>(spec.lanes) * lane + shifter_mm2(spec.accumulator_bits, powers) +
                     adder_mm2(spec.accumulator_bits);
  return {.multipliers = spec.multipliers(),
          .sram_bytes = spec.nbin_bytes + spec.sb_bytes + spec.nbout_bytes,
          .area_mm2 = area_of(sram_banks(spec)) + static_cast<double>(spec.filters() * spec.columns) * pip};
}

const RegisterParameters registration(
    "bit-pragmatic",
    "The Bit-Pragmatic accelerator: processes only the non-zero powers of two of each activation, "
    "16 activations along the channels against 16 weights of many filters.",
    bit_pragmatic_parameters, facts);

}  // namespace
}  // namespace rebasis::arch
