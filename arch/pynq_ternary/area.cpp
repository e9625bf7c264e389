#include "arch/pynq_ternary/area.h"

namespace rebasis::arch {

namespace {

constexpr std::int64_t activation_bits = 16, sum_bits = 32;

/// The buffers as SRAM macros in place of block RAM: a bank for each row of the window, and for the sums of each PE.
std::vector<SramBanks> buffers(const PynqTernarySpec& spec) {
  const std::int64_t rows = spec.pe_channels * spec.pe_rows;
  return {banked("input_gb", 1, spec.input_buffer_bytes, rows, rows * activation_bits),
          banked("weight_buffer", 1, spec.weight_buffer_bytes, 1, spec.weight_port_bits),
          banked("output_gb", 1, spec.output_buffer_bytes, spec.pes, spec.pes * sum_bits)};
}

void add_pes(AreaSheet& sheet, const PynqTernarySpec& spec) {
  const std::int64_t lanes = spec.lanes();
  if (!spec.mac()) {
    sheet.blocks("ternary PEs", spec.pes, "ternary_pe", {{"LANES", lanes}});
    return;
  }
  sheet.blocks("PE multipliers", spec.pes * lanes, "multiplier", {{"W", activation_bits}})
      .registers("PE registers", spec.pes * lanes * sum_bits)
      .blocks("PE adder trees", lanes > 1 ? spec.pes : 0, "sum_tree", {{"INPUTS", lanes}, {"W", sum_bits}})
      .blocks("PE sums", spec.pes, "accumulator", {{"W", sum_bits}});
}

}  // namespace

AreaBreakdown area_of(const PynqTernarySpec& spec) {
  AreaSheet sheet;
  sheet.srams(buffers(spec));
  add_pes(sheet, spec);
  const std::int64_t weight_sets = spec.weight_prefetch ? 3 : 2;
  return sheet
      .blocks("weight registers", spec.pes * weight_sets * spec.lanes(), "data_register", {{"W", spec.weight_bits()}})
      .blocks("window", spec.lanes(), "data_register", {{"W", activation_bits}})
      .blocks("window rotation", spec.pe_rows > 1 ? spec.pe_channels * spec.pe_rows : 0, "multiplexer",
              {{"INPUTS", spec.pe_rows}, {"W", activation_bits}})
      .blocks("group indexer", spec.skip_groups ? 1 : 0, "group_indexer",
              {{"PES", spec.pes}, {"BITS", spec.groups_per_cycle}})
      .blocks("output path", spec.output_lanes, "requantiser", {{"SUM_W", sum_bits}, {"OUT_W", activation_bits}})
      .blocks("MAC engine multipliers", spec.engine_dsps, "multiplier", {{"W", activation_bits}})
      .blocks("MAC engine sums", spec.engine_dsps, "accumulator", {{"W", sum_bits}})
      .system(spec, 3)
      .note(
          "an FPGA: this is the area of the same logic and buffers as an ASIC; its resources are LUTs, flip-flops, "
          "block RAMs and DSP slices")
      .breakdown();
}

}  // namespace rebasis::arch
