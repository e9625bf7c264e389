#include "arch/smartdeal/area.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "arch/smartdeal/srams.h"

namespace rebasis::arch {

namespace {

constexpr std::int64_t widest_basis = 7;      // of the RTL: wider rows go in pieces
constexpr std::int64_t rtl_weight_bits = 18;  // 8-bit basis, shifts up to 7, sums of up to 7 terms
constexpr std::int64_t rtl_sum_bits = 32, rtl_bits = 8, rtl_pairs = 2;
constexpr std::int64_t coefficient_symbols = 16;

/// Parameters of the blocks of a PE line.
struct LineBlocks {
  explicit LineBlocks(const SmartDealSpec& spec)
      : kernel(std::min(spec.max_kernel, widest_basis)),
        weight(rtl_weight_bits + spec.precision_bits - rtl_bits),
        mac{{"PRECISION", spec.precision_bits}, {"WEIGHT_W", weight}, {"SUM_W", spec.accumulator_bits}},
        engine{{"MAX_S", kernel},
               {"TERMS", spec.rebuild_terms},
               {"ROW", kernel * weight},
               {"BASIS", kernel * kernel * spec.precision_bits}},
        fifo{{"DIM_F", spec.dim_F}, {"CELLS", spec.fifo_rows * spec.fifo_entries() * entry_bits(spec.precision_bits)}},
        weights{{"ROW", kernel * weight},
                {"BASIS", kernel * kernel * spec.precision_bits},
                {"LATCHES", spec.row_latches},
                {"ENGINES", spec.rebuild_engines},
                {"CLUSTERS", spec.clusters}} {}
  /// An activation with the Booth digits of it that are not zero.
  static std::int64_t entry_bits(std::int64_t precision) { return precision + precision / 2 + 1; }

  std::int64_t kernel;  ///< S of basis and coefficient rows
  std::int64_t weight;  ///< bits of a rebuilt weight
  BlockParameters mac, engine, fifo, weights;
};

/// The weight side of a line without its rebuild engines.
Gates weight_side(const SmartDealSpec& spec, const LineBlocks& blocks) {
  BlockParameters one_term = blocks.engine;
  one_term[1].second = 1;
  Gates gates = GateTable::shipped().of("line_weights", blocks.weights);
  gates += GateTable::shipped().of("rebuild_engine", one_term).times(-static_cast<double>(spec.rebuild_engines));
  return {std::max(0.0, gates.nand2), std::max(0.0, gates.flip_flops)};
}

/// What a line of the RTL has besides its blocks: items, control, the multiplexers of the weights.
Gates line_control(const SmartDealSpec& spec, const LineBlocks& blocks) {
  const GateTable& table = GateTable::shipped();
  SmartDealSpec rtl = spec;
  rtl.precision_bits = rtl_bits;
  rtl.accumulator_bits = rtl_sum_bits;
  rtl.max_kernel = blocks.kernel;
  rtl.fifo_rows = rtl.row_latches = rtl.rebuild_engines = rtl.clusters = rtl_pairs;
  const LineBlocks parts(rtl);
  Gates gates = table.of("pe_line", {{"DIM_F", spec.dim_F}, {"MAX_S", blocks.kernel}});
  gates += table.of("booth_mac", parts.mac).times(-static_cast<double>(spec.dim_F));
  gates += table.of("line_fifo", parts.fifo).times(-1);
  gates += table.of("line_weights", parts.weights).times(-1);
  return {std::max(0.0, gates.nand2), std::max(0.0, gates.flip_flops)};
}

void add_macs(AreaSheet& sheet, const SmartDealSpec& spec, const LineBlocks& blocks) {
  const std::int64_t macs = spec.dim_M * spec.dim_C * spec.dim_F;
  if (spec.bit_serial) {
    sheet.blocks("bit-serial MACs", macs, "booth_mac", blocks.mac);
    return;
  }
  // An array multiplier of unequal operands has the gates of a square one with as many bit products.
  const auto width =
      static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(spec.precision_bits * blocks.weight))));
  sheet.blocks("multipliers", macs, "multiplier", {{"W", width}})
      .blocks("sums", macs, "accumulator", {{"W", spec.accumulator_bits}});
}

/// The paper gives a share of the rebuild engines (section VI-D): ours beside it, with what it rests on.
std::string rebuild_note(const SmartDealSpec& spec, const LineBlocks& blocks, const AreaBreakdown& area) {
  double engines = 0;
  for (const AreaItem& item : area.items) {
    if (item.component.starts_with("rebuild engines")) engines += item.mm2;
  }
  return fmt::format(
      "the rebuild engines are {:.2f} % of the total and {:.2f} % of the logic; the paper says 'around 0.64 %' without "
      "what is in the sum or in an engine. Here an engine has its {} x {} basis of {}-bit elements in flip-flops, a "
      "shifter and a sign for each element of a row, and weights of {} bits",
      100 * engines / area.total_mm2(), 100 * engines / area.logic_mm2, blocks.kernel, blocks.kernel,
      spec.precision_bits, blocks.weight);
}

}  // namespace

AreaBreakdown area_of(const SmartDealSpec& spec) {
  const LineBlocks blocks(spec);
  const std::int64_t lines = spec.dim_M * spec.dim_C;
  AreaSheet sheet;
  sheet.srams(sram_banks(spec));
  add_macs(sheet, spec, blocks);
  sheet.blocks("rebuild engines", lines * spec.rebuild_engines, "rebuild_engine", blocks.engine)
      .gates("weight latches and fetch", lines, "line_weights", weight_side(spec, blocks))
      .blocks("line FIFOs", lines, "line_fifo", blocks.fifo)
      .gates("line control", lines, "pe_line", line_control(spec, blocks))
      .blocks("adder trees", spec.dim_C > 1 ? spec.dim_M * spec.dim_F : 0, "adder_tree",
              {{"INPUTS", spec.dim_C}, {"SUM_W", spec.accumulator_bits}})
      .blocks("output FIFOs", spec.dim_M * spec.dim_F * spec.output_fifo_tiles, "data_register",
              {{"W", spec.accumulator_bits}})
      .blocks("input lanes", spec.dim_C, "input_lane",
              {{"SLICES", spec.dim_M},
               {"SPAN", spec.lane_banks() * spec.input_word_bytes()},
               {"LANE_BYTES", spec.lane_bytes()}})
      .blocks("index selectors", spec.dim_C, "index_selector",
              {{"PAIRS", spec.pairs_per_cycle}, {"SLICES", spec.dim_M}})
      .blocks("Huffman decoders", spec.huffman_decoders * spec.huffman_symbols_per_cycle, "huffman_decoder",
              {{"SYMBOLS", coefficient_symbols}})
      .blocks("requantisers", ceil_div(spec.output_gb_banks * spec.output_gb_port_bits, spec.precision_bits),
              "requantiser", {{"SUM_W", spec.accumulator_bits}, {"OUT_W", spec.precision_bits}})
      .system(spec, 4);
  sheet.note(rebuild_note(spec, blocks, sheet.breakdown()));
  return sheet.breakdown();
}

}  // namespace rebasis::arch
