#include "arch/bit_pragmatic/area.h"

#include <algorithm>

#include "arch/bit_pragmatic/srams.h"

namespace rebasis::arch {

AreaBreakdown area_of(const BitPragmaticSpec& spec) {
  const std::int64_t reach = (std::int64_t{1} << spec.first_stage_bits) - 1;
  AreaSheet sheet;
  sheet.srams(sram_banks(spec))
      .blocks("columns of PIPs", spec.tiles * spec.columns, "pragmatic_column",
              {{"LANES", spec.lanes},
               {"FILTERS", spec.rows},
               {"BITS", spec.precision_bits},
               {"REACH", std::min(reach, spec.precision_bits)}})
      .blocks("weight set registers", spec.tiles * (spec.sets_held() - 1) * spec.rows * spec.lanes, "data_register",
              {{"W", spec.precision_bits}})
      .blocks("requantisers", spec.tiles * spec.nbout_outputs_per_cycle, "requantiser",
              {{"SUM_W", spec.accumulator_bits}, {"OUT_W", spec.precision_bits}})
      .system(spec, 3);
  return sheet.breakdown();
}

}  // namespace rebasis::arch
