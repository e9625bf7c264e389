#include "arch/transposable/area.h"

#include "arch/transposable/srams.h"

namespace rebasis::arch {

AreaBreakdown area_of(const TransposableSpec& spec) {
  const std::int64_t products = spec.rows * spec.columns, product_bits = 2 * spec.precision_bits;
  AreaSheet sheet;
  return sheet.srams(sram_banks(spec))
      .blocks("multipliers", products, "multiplier", {{"W", spec.precision_bits}})
      .registers("operand and product registers", 2 * products * product_bits)
      // Weights are read in rows or in columns.
      .blocks("transposing selectors", products, "multiplexer", {{"INPUTS", 2}, {"W", spec.precision_bits}})
      .blocks("adder trees", spec.columns > 1 ? spec.rows : 0, "sum_tree",
              {{"INPUTS", spec.columns}, {"W", product_bits}})
      .blocks("sums", spec.rows, "accumulator", {{"W", spec.sum_bits}})
      .blocks("requantisers", spec.rows, "requantiser", {{"SUM_W", spec.sum_bits}, {"OUT_W", spec.precision_bits}})
      .blocks("rebuild adders", spec.columns * spec.rebuild_terms, "adder", {{"W", spec.precision_bits}})
      .blocks("rebuild shifters", spec.columns * spec.rebuild_terms, "shifter",
              {{"W", spec.precision_bits}, {"STAGES", 3}})
      .blocks("update multipliers", spec.lanes, "multiplier", {{"W", spec.precision_bits}})
      .blocks("update adders", spec.lanes, "accumulator", {{"W", spec.sum_bits}})
      .blocks("switch counters", spec.lanes, "adder", {{"W", spec.counter_bits}})
      .system(spec, 4)
      .breakdown();
}

}  // namespace rebasis::arch
