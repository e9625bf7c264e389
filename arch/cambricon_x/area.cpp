#include "arch/cambricon_x/area.h"

#include "arch/cambricon_x/srams.h"

namespace rebasis::arch {

AreaBreakdown area_of(const CambriconXSpec& spec) {
  constexpr std::int64_t position_bits = 16;
  const std::int64_t lanes = spec.pes * spec.multipliers, product_bits = 2 * spec.precision_bits;
  AreaSheet sheet;
  return sheet.srams(sram_banks(spec))
      .blocks("line registers", spec.lines * spec.scan, "data_register", {{"W", spec.precision_bits}})
      .blocks("indexing: step adders", spec.pes, "step_indexer",
              {{"LANES", spec.multipliers}, {"POSITION_W", position_bits}})
      .blocks("indexing: neuron selectors", lanes, "multiplexer", {{"INPUTS", spec.scan}, {"W", spec.precision_bits}})
      .registers("operand registers", 2 * lanes * spec.precision_bits)
      .blocks("multipliers", lanes, "multiplier", {{"W", spec.precision_bits}})
      .blocks("adder trees", spec.multipliers > 1 ? spec.pes : 0, "sum_tree",
              {{"INPUTS", spec.multipliers}, {"W", product_bits}})
      .registers("pipeline registers", lanes * product_bits)
      .blocks("accumulators", spec.pes, "accumulator", {{"W", CambriconXSpec::partial_sum_bits}})
      .blocks("requantisers", spec.pes, "requantiser",
              {{"SUM_W", CambriconXSpec::partial_sum_bits}, {"OUT_W", spec.precision_bits}})
      .system(spec, 4)
      .breakdown();
}

}  // namespace rebasis::arch
