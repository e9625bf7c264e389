#include "arch/smartdeal/area.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "arch/smartdeal/srams.h"

namespace rebasis::arch {

namespace {

constexpr std::int64_t widest_basis = 7;      // of the RTL: wider rows go in pieces
constexpr std::int64_t rtl_weight_bits = 18;  // 8-bit basis, shifts up to 7, sums of up to 7 terms
constexpr std::int64_t rtl_sum_bits = 32, rtl_engines = 2, rtl_latches = 2, rtl_fifo_rows = 2;
constexpr std::int64_t coefficient_symbols = 16, shift_stages = 3;

struct Widths {
  explicit Widths(const SmartDealSpec& spec)
      : kernel(std::min(spec.max_kernel, widest_basis)), weight(rtl_weight_bits + spec.precision_bits - 8) {}
  std::int64_t kernel;  ///< S of basis and coefficient rows
  std::int64_t weight;  ///< of a rebuilt weight
};

/// A PE line of the RTL without its MACs and rebuild engines: FIFO, fetch, weight latches and control.
Gates rest_of_line(const SmartDealSpec& spec, const Widths& widths) {
  const GateTable& table = GateTable::shipped();
  const std::int64_t beats = ceil_div(spec.fifo_entries(), spec.lane_bytes());
  const std::int64_t stored = beats * spec.lane_bytes() * spec.element_bytes() * spec.fifo_rows / rtl_fifo_rows;
  Gates gates = table.of(
      "pe_line", {{"DIM_F", spec.dim_F}, {"MAX_S", widths.kernel}, {"STORED", std::max(stored, std::int64_t{1})}});
  const Gates mac = table.of("booth_mac", {{"WEIGHT_W", rtl_weight_bits}, {"SUM_W", rtl_sum_bits}});
  gates += mac.times(-static_cast<double>(spec.dim_F));
  gates += table.of("rebuild_engine", {{"MAX_S", widths.kernel}}).times(-static_cast<double>(rtl_engines));
  const Gates row = table.of("data_register", {{"W", widths.kernel * widths.weight}});
  gates += row.times(static_cast<double>(spec.row_latches - rtl_latches));
  return {std::max(0.0, gates.nand2), std::max(0.0, gates.flip_flops)};
}

void add_macs(AreaSheet& sheet, const SmartDealSpec& spec, const Widths& widths) {
  const std::int64_t macs = spec.dim_M * spec.dim_C * spec.dim_F;
  if (spec.bit_serial) {
    sheet.blocks("bit-serial MACs", macs, "booth_mac", {{"WEIGHT_W", widths.weight}, {"SUM_W", spec.accumulator_bits}});
    return;
  }
  // An array multiplier of unequal operands has the gates of a square one with as many bit products.
  const auto width =
      static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(spec.precision_bits * widths.weight))));
  sheet.blocks("multipliers", macs, "multiplier", {{"W", width}})
      .blocks("sums", macs, "accumulator", {{"W", spec.accumulator_bits}});
}

void add_rebuild(AreaSheet& sheet, const SmartDealSpec& spec, const Widths& widths) {
  const std::int64_t engines = spec.dim_M * spec.dim_C * spec.rebuild_engines;
  const std::int64_t further = engines * (spec.rebuild_terms - 1) * widths.kernel;
  sheet.blocks("rebuild engines", engines, "rebuild_engine", {{"MAX_S", widths.kernel}})
      .blocks("rebuild engines: further adders", further, "adder", {{"W", widths.weight}})
      .blocks("rebuild engines: further shifters", further, "shifter",
              {{"W", widths.weight}, {"STAGES", shift_stages}});
}

/// The paper gives a share of the rebuild engines (section VI-D): ours beside it, with what it rests on.
std::string rebuild_note(const SmartDealSpec& spec, const Widths& widths, const AreaBreakdown& area) {
  double engines = 0;
  for (const AreaItem& item : area.items) {
    if (item.component.starts_with("rebuild engines")) engines += item.mm2;
  }
  return fmt::format(
      "the rebuild engines are {:.2f} % of the total and {:.2f} % of the logic; the paper says 'around 0.64 %' without "
      "what is in the sum or in an engine. Here an engine has its {} x {} basis of {}-bit elements in flip-flops, a "
      "shifter and a sign for each element of a row, and weights of {} bits",
      100 * engines / area.total_mm2(), 100 * engines / area.logic_mm2, widths.kernel, widths.kernel,
      spec.precision_bits, widths.weight);
}

}  // namespace

AreaBreakdown area_of(const SmartDealSpec& spec) {
  const Widths widths(spec);
  const std::int64_t lines = spec.dim_M * spec.dim_C;
  AreaSheet sheet;
  sheet.srams(sram_banks(spec));
  add_macs(sheet, spec, widths);
  add_rebuild(sheet, spec, widths);
  sheet.gates("PE lines: FIFO, latches, fetch", lines, "pe_line", rest_of_line(spec, widths))
      .blocks("adder trees", spec.dim_C > 1 ? spec.dim_M * spec.dim_F : 0, "adder_tree",
              {{"INPUTS", spec.dim_C}, {"SUM_W", spec.accumulator_bits}})
      .blocks("output FIFOs", spec.dim_M * spec.dim_F * spec.output_fifo_tiles, "data_register",
              {{"W", spec.accumulator_bits}})
      .blocks("index selectors", spec.dim_C, "index_selector",
              {{"PAIRS", spec.pairs_per_cycle}, {"SLICES", spec.dim_M}})
      .blocks("Huffman decoders", spec.huffman_decoders * spec.huffman_symbols_per_cycle, "huffman_decoder",
              {{"SYMBOLS", coefficient_symbols}})
      .blocks("input lanes: grant, aligner, register", spec.dim_C, "input_lane",
              {{"LANE_BYTES", spec.lane_bytes()}, {"BANKS", spec.lane_banks()}, {"WORD", spec.input_word_bytes()}})
      .blocks("requantisers", ceil_div(spec.output_gb_banks * spec.output_gb_port_bits, spec.precision_bits),
              "requantiser", {{"SUM_W", spec.accumulator_bits}, {"OUT_W", spec.precision_bits}})
      .system(spec, 4);
  sheet.note(rebuild_note(spec, widths, sheet.breakdown()));
  return sheet.breakdown();
}

}  // namespace rebasis::arch
