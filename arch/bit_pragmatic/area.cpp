#include "arch/bit_pragmatic/area.h"

#include <algorithm>

#include "arch/bit_pragmatic/srams.h"

namespace rebasis::arch {

AreaBreakdown area_of(const BitPragmaticSpec& spec) {
  constexpr std::int64_t rtl_bits = 8, highest_power = 8;  // of the column in rtl/
  const std::int64_t reach = std::min((std::int64_t{1} << spec.first_stage_bits) - 1, highest_power);
  // Values of 16 bits have twice the weight bits, oneffset places and reach of shifts: two columns of 8 bits.
  const std::int64_t columns = spec.tiles * spec.columns * (spec.precision_bits / rtl_bits);
  AreaSheet sheet;
  sheet.srams(sram_banks(spec))
      .blocks("columns of PIPs", columns, "pragmatic_column",
              {{"LANES", spec.lanes}, {"FILTERS", spec.rows}, {"REACH", reach}})
      .blocks("weight set registers", spec.tiles * (spec.sets_held() - 1) * spec.rows * spec.lanes, "data_register",
              {{"W", spec.precision_bits}})
      .blocks("requantisers", spec.tiles * spec.nbout_outputs_per_cycle, "requantiser",
              {{"SUM_W", spec.accumulator_bits}, {"OUT_W", spec.precision_bits}})
      .system(spec, 3);
  if (spec.precision_bits != rtl_bits) sheet.note("a column of 16 bits is taken as two of the 8 bits of the RTL");
  return sheet.breakdown();
}

}  // namespace rebasis::arch
