#include "arch/smartdeal/spec.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rebasis::arch {

namespace {

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;
constexpr double dense_reference_kernel = 3.0;  // S of the layers that the paper's bandwidth formula is about

void declare_array(ParameterSet<SmartDealSpec>& p) {
  using S = SmartDealSpec;
  p.integer("array.precision", &S::precision_bits, 8, 8, 16, "bits",
            "Stored width of activations, basis elements and original weights (8 or 16).", "paper Table IX");
  p.integer("array.dim_M", &S::dim_M, 64, 1, 1024, "", "PE slices: filters computed at once.", "paper Table IX");
  p.integer("array.dim_C", &S::dim_C, 16, 1, 256, "", "PE lines of a slice: input channels at once.", "paper Table IX");
  p.integer("array.dim_F", &S::dim_F, 8, 1, 256, "", "MACs of a PE line: output columns at once.", "paper Table IX");
  p.choice("array.sync", &S::slice_sync, "slice", {"slice", "array"},
           "What waits at the end of an output tile: each slice for its own lines, or all slices for each other.",
           "decision: slices share only the input rows (docs/accelerators/smartdeal.md)");
  p.integer("pe.max_kernel", &S::max_kernel, 11, 1, 64, "",
            "Kernel columns S that the FIFO of dim_F + S - 1 activations is built for; wider rows go in pieces.",
            "paper Fig. 5 gives dim_F + S - 1; decision: the widest common kernel (AlexNet)");
  p.integer("pe.fifo_rows", &S::fifo_rows, 2, 1, 16, "", "Row segments that a line's FIFO holds.",
            "paper V-B: double buffers");
  p.choice(
      "pe.mac_sync", &S::mac_sync, "weight", {"weight", "row", "lead"},
      "How far the bit-serial MACs of a line run apart: in lock-step for each weight, free within a row, or with a "
      "bounded lead (pe.mac_lead).",
      "decision: the FIFO shifts all MACs at once (paper Fig. 5)");
  p.integer("pe.mac_lead", &S::mac_lead, 1, 1, 64, "weights", "Lead of the fastest MAC with pe.mac_sync: lead.",
            "decision: sensitivity study");
  p.boolean("pe.bit_serial", &S::bit_serial, true,
            "Bit-serial MACs that take one cycle for each non-zero Booth digit; false: one cycle a weight.",
            "paper V-B");
  p.integer("pe.accumulator_bits", &S::accumulator_bits, 32, 16, 64, "bits", "Width of a partial sum.",
            "decision: 8b x 17b products over 4608 terms with margin for typical data");
  p.integer("pe.clusters", &S::clusters, 2, 1, 8, "",
            "MAC clusters of a line in FC and squeeze-and-excite layers, each computing another filter.",
            "paper Fig. 4b: two clusters, one for each RE");
  p.integer(
      "pe.shift_places", &S::shift_places, 1, 1, 64, "",
      "Places by which the FIFO's shift path moves in a cycle (pe.mac_sync: weight); the taps of a dilated kernel "
      "are dilation places apart.",
      "paper Fig. 5: shifted by one; more is a wider multiplexer at each entry");
}

void declare_rebuild(ParameterSet<SmartDealSpec>& p) {
  using S = SmartDealSpec;
  p.integer("re.count", &S::rebuild_engines, 2, 1, 8, "", "Rebuild engines of a line; each holds one basis.",
            "paper V-B: two REs in ping-pong");
  p.integer("re.terms_per_cycle", &S::rebuild_terms, 1, 1, 16, "",
            "Coefficients an RE applies in a cycle; each shifts one basis row and adds it to the rebuilt row.",
            "paper V-B: a shift-and-add unit; decision: as wide as a basis row");
  p.integer("re.row_latches", &S::row_latches, 2, 1, 16, "", "Rows of weights held: in use and fetched ahead.",
            "decision: the row in use stays stationary (paper V-B), the next is fetched meanwhile");
  p.integer("re.release_latency", &S::release_latency, 1, 0, 1, "cycles",
            "From the start of a row to the fetch into the latch that it frees: 1 with a register in between, 0 when "
            "the MACs' start addresses the weight buffer in the same cycle.",
            "decision: the buffer's address comes from registers (docs/rtl/pe_line.md)");
}

void declare_buffers(ParameterSet<SmartDealSpec>& p) {
  using S = SmartDealSpec;
  p.bytes("input_gb.size", &S::input_gb_bytes, 512 * kib, 256, 1024 * mib, "Input global buffer.", "paper Table IX");
  p.integer("input_gb.banks", &S::input_gb_banks, 32, 1, 4096, "",
            "Its banks, at least one a lane; a lane reads a word of each of its own in a cycle.", "paper Table IX");
  p.real("input_gb.bandwidth_factor", &S::input_gb_factor, 4, 0.01, 1024, "",
         "Bandwidth over the dense design's, which feeds dim_F activations to a lane in 3 cycles.",
         "paper VI-D: four times");
  p.integer("input_gb.word", &S::input_gb_word, 0, 0, 1024, "bytes",
            "Word of a bank; 0: the least power of two with which the banks of a lane give its bytes in one access.",
            "decision: a power of two, so that the address is a part of the column's number (docs/rtl/input_lane.md)");
  p.choice(
      "input_gb.row_start", &S::input_gb_row_start, "padding", {"padding", "word"},
      "Where a row begins in its first word: after as many bytes as the padding has, so that the first tile begins "
      "with a word, or with the word.",
      "decision: costs the DMA nothing, it aligns rows in any case");
  p.choice("input_gb.columns", &S::input_gb_columns, "in_order", {"in_order", "by_phase"},
           "Order of a row's columns: as they are, or those with the same remainder by the stride together.",
           "decision: one order whatever layer reads; by_phase needs a scatter of bytes in the DMA");
  p.integer("input_gb.latency", &S::input_gb_latency, 2, 0, 64, "cycles",
            "From a beat's last read to its cycle on the wires to the lines.",
            "decision: a synchronous SRAM answers in the next cycle, then a register between aligner and multicast");
  p.bytes("weight_buffer.size", &S::weight_buffer_bytes, 4 * kib, 32, 64 * mib, "Weight buffer of a slice.",
          "paper Table IX");
  p.integer("weight_buffer.banks", &S::weight_buffer_banks, 2, 1, 256, "", "Its banks.", "paper Table IX");
  p.real("weight_buffer.bandwidth_factor", &S::weight_buffer_factor, 2, 0.01, 1024, "",
         "Bandwidth over the dense design's, which feeds one weight to a line in a cycle.", "paper VI-D: two times");
  p.integer("weight_buffer.latency", &S::weight_buffer_latency, 1, 0, 8, "cycles",
            "From the address to the data of the weight buffer; a word a cycle whatever it is.",
            "decision: a synchronous SRAM answers in the next cycle");
  p.bytes("index_gb.size", &S::index_gb_bytes, 32 * kib, 32, 64 * mib, "Weight index global buffer.",
          "decision: two sets of 64 filters with 2048 rows (not in the paper)");
  p.integer("index_gb.banks", &S::index_gb_banks, 16, 1, 1024, "", "Its banks.", "decision: one for each lane");
  p.bytes("output_gb.size", &S::output_gb_bytes, 4 * kib, 16, 64 * mib, "Output global buffer.", "paper Table IX");
  p.integer("output_gb.banks", &S::output_gb_banks, 2, 1, 256, "", "Its banks.", "paper Table IX");
  p.integer("output_gb.port", &S::output_gb_port_bits, 64, 8, 4096, "bits", "Port of a bank.",
            "decision: a smaller bandwidth for outputs (paper V-B)");
  p.integer("output_fifo.tiles", &S::output_fifo_tiles, 2, 1, 64, "", "Output tiles a slice's FIFO holds.",
            "paper V-B names the FIFO; decision: double buffering");
  p.integer("requantise.stages", &S::requantise_stages, 3, 1, 8, "",
            "Pipeline stages between adder tree and output FIFO.",
            "decision: bias, multiplication by the scale, rounding (docs/rtl/pe_slice.md)");
  p.integer("index.pairs_per_cycle", &S::pairs_per_cycle, 4, 1, 4096, "",
            "Pairs of coefficient row and activation row that a lane's index selector examines in a cycle.",
            "decision: sensitivity in docs/accelerators/smartdeal.md");
  p.choice("index.window", &S::index_window, "word", {"word", "any"},
           "Which pairs those are: the rest of one word of the index, or any that follow each other (a second word's "
           "register and a shifter for each lane).",
           "decision: a word a cycle, its address known a cycle ahead (docs/rtl/index_selector.md)");
  p.integer("index.latency", &S::index_latency, 1, 0, 16, "cycles",
            "From the start of a block to the first word of its index, for a selector that waited for it.",
            "decision: a synchronous SRAM answers in the next cycle");
  p.integer("index.tile_bits", &S::tile_bits, 1, 1, 16, "bits",
            "Width of the tile's number that goes with an item: a selector runs at most 2^bits - 1 tiles ahead of the "
            "slowest slice.",
            "decision: sensitivity in docs/decisions/92-rtl-input.md");
  p.choice("index.skip_activations", &S::skip_activations, "row", {"row", "segment", "off"},
           "Zero activations that are skipped: whole feature-map rows, row segments of a tile, or none.",
           "paper V-A: vector-wise sparsity of activation rows");
}

void declare_huffman(ParameterSet<SmartDealSpec>& p) {
  using S = SmartDealSpec;
  p.integer("huffman.decoders", &S::huffman_decoders, 64, 1, 1024, "",
            "Huffman decoders of coefficients; slice s has decoder s modulo this.",
            "paper appendix B: coefficients are Huffman-coded; decision: one in front of each slice's weight buffer");
  p.integer("huffman.symbols_per_cycle", &S::huffman_symbols_per_cycle, 1, 1, 64, "",
            "Coefficients that a decoder puts out in a cycle.", "decision: one table look-up a cycle");
  p.integer("huffman.start", &S::huffman_start, 1, 0, 64, "cycles",
            "From the start of a filter to its first coefficient.",
            "decision: the first bits go to the decoder's buffer (docs/rtl/huffman_decoder.md)");
  p.integer("huffman.table_load", &S::huffman_table_load, 16, 0, 4096, "cycles",
            "Loading a layer's code table into the decoders, from the arrival of the table's last byte.",
            "decision: an entry a cycle, 16 symbols (docs/rtl/huffman_decoder.md)");
}

ParameterSet<SmartDealSpec> declare() {
  ParameterSet<SmartDealSpec> p;
  p.inherit(system_parameters());
  declare_array(p);
  declare_rebuild(p);
  declare_buffers(p);
  declare_huffman(p);
  // Not output_gb.banks, the number of output ports.
  p.mapping_only({"input_gb.size", "weight_buffer.size", "weight_buffer.banks", "index_gb.size", "index_gb.banks",
                  "output_gb.size"});
  p.require({"array.precision"}, "array.precision must be 8 or 16 bits; Table IX has 8",
            [](const SmartDealSpec& s) { return s.precision_bits % 8 == 0; });
  p.require({"pe.clusters", "array.dim_F", "re.count"},
            "pe.clusters is more than the line has REs or MACs; at most min(re.count, array.dim_F)",
            [](const SmartDealSpec& s) { return s.clusters <= s.rebuild_engines && s.clusters <= s.dim_F; });
  p.require({"input_gb.size", "input_gb.banks"}, "input_gb.banks must divide input_gb.size",
            [](const SmartDealSpec& s) { return s.input_gb_bytes % s.input_gb_banks == 0; });
  p.require({"input_gb.word", "input_gb.size", "input_gb.banks"},
            "input_gb.word is more than a bank holds; at most input_gb.size / input_gb.banks",
            [](const SmartDealSpec& s) { return s.input_gb_word * s.input_banks() <= s.input_gb_bytes; });
  p.require({"weight_buffer.size", "weight_buffer.banks"}, "weight_buffer.banks must divide weight_buffer.size",
            [](const SmartDealSpec& s) { return s.weight_buffer_bytes % s.weight_buffer_banks == 0; });
  p.require({"index_gb.size", "index_gb.banks"}, "index_gb.banks must divide index_gb.size",
            [](const SmartDealSpec& s) { return s.index_gb_bytes % s.index_gb_banks == 0; });
  p.require({"output_gb.size", "output_gb.banks"}, "output_gb.banks must divide output_gb.size",
            [](const SmartDealSpec& s) { return s.output_gb_bytes % s.output_gb_banks == 0; });
  p.require({"output_gb.port"}, "output_gb.port must be a whole number of bytes",
            [](const SmartDealSpec& s) { return s.output_gb_port_bits % 8 == 0; });
  return p;
}

}  // namespace

std::int64_t SmartDealSpec::lane_bytes() const {
  const double dense = static_cast<double>(dim_F * element_bytes()) / dense_reference_kernel;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(input_gb_factor * dense)));
}

std::int64_t SmartDealSpec::input_banks() const { return std::max(input_gb_banks, dim_C); }

std::int64_t SmartDealSpec::input_word_bytes() const {
  if (input_gb_word != 0) return input_gb_word;
  std::int64_t word = 1;
  while (word * lane_banks() < lane_bytes()) word *= 2;
  return word;
}

std::int64_t SmartDealSpec::line_weight_bytes() const {
  return std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::ceil(weight_buffer_factor * static_cast<double>(element_bytes()))));
}

std::int64_t SmartDealSpec::lead() const {
  if (mac_sync == "weight") return 0;
  return mac_sync == "row" ? std::numeric_limits<std::int64_t>::max() : mac_lead;
}

const ParameterSet<SmartDealSpec>& smartdeal_parameters() {
  static const ParameterSet<SmartDealSpec> parameters = declare();
  return parameters;
}

}  // namespace rebasis::arch
