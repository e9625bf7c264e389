#include "arch/trec/area.h"

#include "arch/diannao/area.h"
#include "arch/trec/srams.h"

namespace rebasis::arch {

AreaBreakdown area_of(const TrecSpec& spec) {
  constexpr std::int64_t element_bits = 8, sum_bits = 8 * TrecSpec::bucket_sum_bytes;
  AreaSheet sheet;
  sheet.srams(sram_banks(spec));
  add_nfu(sheet, spec);
  return sheet.blocks("hash multipliers", spec.hash_lanes * spec.hash_width, "multiplier", {{"W", element_bits}})
      .blocks("hash adder trees", spec.hash_lanes, "sum_tree", {{"INPUTS", spec.hash_width}, {"W", 2 * element_bits}})
      .blocks("hash sums", spec.hash_lanes, "accumulator", {{"W", 32}})
      // A row of sums is read, added to and written; what is under way is forwarded.
      .blocks("bucket adders", spec.hash_width, "accumulator", {{"W", sum_bits}})
      .registers("bucket pipeline", spec.hash_width * sum_bits * spec.accumulate_latency)
      .blocks("dividers", spec.dividers * spec.divider_stages, "divider_stage", {{"W", sum_bits}})
      .blocks("gather adders", spec.gather_columns * spec.Tn, "adder", {{"W", spec.sum_bits}})
      .registers("gather registers", spec.Tn * spec.sum_bits * spec.gather_stages)
      .system(spec, 10)
      .breakdown();
}

}  // namespace rebasis::arch
