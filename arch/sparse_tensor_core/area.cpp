#include "arch/sparse_tensor_core/area.h"

#include "arch/diannao/area.h"
#include "arch/sparse_tensor_core/srams.h"

namespace rebasis::arch {

AreaBreakdown area_of(const SparseTensorCoreSpec& spec) {
  const std::int64_t lanes = spec.Tn * spec.Ti;
  AreaSheet sheet;
  sheet.srams(sram_banks(spec));
  add_nfu(sheet, spec);
  return sheet
      .blocks("operand selectors", spec.largest_group > 1 ? lanes : 0, "multiplexer",
              {{"INPUTS", spec.largest_group}, {"W", spec.precision_bits}})
      .registers("selector registers", lanes * spec.select_stages * (spec.precision_bits + spec.select_levels()))
      .system(spec, 4)
      .breakdown();
}

}  // namespace rebasis::arch
