#include "arch/diannao/area.h"

#include "arch/diannao/srams.h"

namespace rebasis::arch {

void add_nfu(AreaSheet& sheet, const DianNaoSpec& spec) {
  const std::int64_t products = spec.Tn * spec.Ti, product_bits = 2 * spec.precision_bits;
  sheet.blocks("NFU-1 multipliers", products, "multiplier", {{"W", spec.precision_bits}})
      .registers("NFU-1 registers", products * spec.nfu1_stages * product_bits)
      .blocks("NFU-2 adder trees", spec.Tn, "sum_tree", {{"INPUTS", spec.Ti}, {"W", product_bits}})
      // A stage that ends within the trees, where a quarter of the sums is left.
      .registers("NFU-2 registers",
                 spec.Tn * (spec.nfu2_stages - 1) * ceil_div<std::int64_t>(spec.Ti, 4) * (product_bits + 2))
      .blocks("NFU-2 sums", spec.Tn, "accumulator", {{"W", spec.sum_bits}})
      .blocks("NFU-3 requantisers", spec.Tn, "requantiser", {{"SUM_W", spec.sum_bits}, {"OUT_W", spec.precision_bits}})
      .blocks("NFU-3 interpolators", spec.Tn, "interpolator", {{"W", spec.precision_bits}});
}

AreaBreakdown area_of(const DianNaoSpec& spec) {
  AreaSheet sheet;
  sheet.srams(sram_banks(spec));
  add_nfu(sheet, spec);
  return sheet.system(spec, 3).breakdown();
}

}  // namespace rebasis::arch
