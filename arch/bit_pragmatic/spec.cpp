#include "arch/bit_pragmatic/spec.h"

namespace rebasis::arch {

namespace {

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;

void declare_array(ParameterSet<BitPragmaticSpec>& p) {
  using S = BitPragmaticSpec;
  p.integer("array.precision", &S::precision_bits, 8, 8, 16, "bits",
            "Width of activations and weights, stored and processed (8 or 16).",
            "SmartDeal paper Table IX: 8; published design: 16");
  p.integer("array.tiles", &S::tiles, 4, 1, 256, "",
            "Tiles. A pallet is broadcast to all; each tile has filters of its own.",
            "SmartDeal paper Table IX: 8K bit-serial multipliers = 4 x 16 x 8 x 16; published design: 16");
  p.integer("array.rows", &S::rows, 16, 1, 256, "", "Rows of inner-product units (PIPs) of a tile: filters.",
            "Bit-Pragmatic paper: 16");
  p.integer("array.columns", &S::columns, 8, 1, 64, "",
            "Columns of PIPs of a tile: windows, that is bricks of a pallet.",
            "Bit-Pragmatic paper: 16; 8 in its 8-bit variant, so that the worst case equals the dense machine");
  p.integer("array.lanes", &S::lanes, 16, 1, 64, "",
            "Lanes of a PIP: activations of a brick and weights of a filter that it takes at once.",
            "Bit-Pragmatic paper: 16");
  p.choice("array.windows", &S::windows, "raster", {"raster", "row"},
           "Windows of a pallet: consecutive in the output tile, from one row into the next, or within a row only.",
           "decision: the authors' public simulator goes on in the next row");
  p.boolean("brick.pack_groups", &S::pack_groups, true,
            "Grouped and depthwise layers: a brick takes the channels of several groups, against their filters with "
            "zeros between.",
            "decision: bricks run along the channels whatever the groups; without, a depthwise layer uses one lane and "
            "one row");
  p.choice("brick.fold", &S::fold, "row", {"row", "off"},
           "Layers with fewer channels than half the lanes: a brick takes neighbouring columns of the kernel row as "
           "well, or leaves the lanes idle.",
           "decision: a brick is then still contiguous in NBin; the authors' simulator folds first layers too");
}

void declare_processing(ParameterSet<BitPragmaticSpec>& p) {
  using S = BitPragmaticSpec;
  p.choice("oneffset.encoding", &S::encoding, "booth", {"plain", "booth", "naf"},
           "Powers of two of an activation: its one-bits, radix-4 Booth digits, or the signed digits without "
           "neighbours (fewest).",
           "Bit-Pragmatic paper: plain and signed oneffsets");
  p.integer("pip.first_stage_bits", &S::first_stage_bits, 2, 0, 5, "bits",
            "L: lanes shift by up to 2^L - 1 more than their column's common shift.",
            "Bit-Pragmatic paper: 2 is its best");
  p.integer("oneffset.encode_stages", &S::encode_stages, 1, 0, 16, "cycles",
            "From NBin's data to the oneffsets in the brick buffers.", "decision: the generators and a register");
  p.integer(
      "pip.pipeline", &S::pipeline_stages, 3, 0, 64, "cycles",
      "From the choice of a cycle's oneffsets to the end of their addition; a window's sums are in the result latch "
      "so much later.",
      "decision: shift, adder tree, common shift and addition, a register each");
  p.integer("pip.accumulator_bits", &S::accumulator_bits, 32, 16, 64, "bits",
            "Width of a partial sum in NBout and DRAM.", "decision: 8 x 8 bits over 2^16 terms");
  p.choice("sync.mode", &S::sync, "column", {"column", "pallet"},
           "Columns run apart as far as the weight-set registers allow, or wait for each other after every brick.",
           "Bit-Pragmatic paper: both; per column is its best");
  p.integer("sync.registers", &S::registers, 1, 1, 64, "", "Weight-set registers with sync.mode column.",
            "Bit-Pragmatic paper: one gets most of the gain");
}

void declare_buffers(ParameterSet<BitPragmaticSpec>& p) {
  using S = BitPragmaticSpec;
  p.bytes("nbin.size", &S::nbin_bytes, 352 * kib, 64, 1024 * mib, "Input buffer (NBin).",
          "SmartDeal paper Table IX: 772 KB together; decision: the split (docs/accelerators/bit-pragmatic.md)");
  p.integer("nbin.banks", &S::nbin_banks, 16, 1, 4096, "", "Its banks.", "decision: 64-bit ports");
  p.integer("nbin.row_bricks", &S::nbin_row_bricks, 8, 1, 64, "bricks",
            "Bricks of a row of NBin; one row is read in a cycle.",
            "Bit-Pragmatic paper: a row of the neuron memory holds a pallet");
  p.bytes("sb.size", &S::sb_bytes, 320 * kib, 64, 1024 * mib, "Synapse buffer (SB), all tiles.",
          "SmartDeal paper Table IX: 772 KB together; decision: the split");
  p.integer("sb.banks", &S::sb_banks, 128, 1, 65536, "", "Its banks.",
            "decision: two of 64 bits for each row of each tile");
  p.integer("sb.weights_per_cycle", &S::sb_weights_per_cycle, 256, 1, 65536, "",
            "Weights that a tile's share of the SB delivers in a cycle, through its single port.",
            "Bit-Pragmatic paper: 16 x 16");
  p.bytes("nbout.size", &S::nbout_bytes, 100 * kib, 16, 1024 * mib, "Output buffer (NBout).",
          "SmartDeal paper Table IX: 772 KB together; decision: the split");
  p.integer("nbout.banks", &S::nbout_banks, 32, 1, 4096, "", "Its banks.", "decision: 64-bit ports");
  p.integer("nbout.outputs_per_cycle", &S::nbout_outputs_per_cycle, 16, 1, 256, "",
            "Partial sums that a tile writes to NBout in a cycle; one column after the other.", "DaDianNao tile: 16");
  p.integer("nbout.ports", &S::nbout_ports, 1, 1, 2, "",
            "1: adding to a partial sum in NBout takes a read and a write; 2: both in the same cycle.",
            "decision: SRAM banks with one port, as the synapse buffer's (Bit-Pragmatic paper)");
  p.integer("buffers.read_latency", &S::read_latency, 1, 0, 16, "cycles",
            "From an address of NBin or SB to the data, at the start of a step; reads that follow are pipelined.",
            "decision: synchronous SRAM");
}

ParameterSet<BitPragmaticSpec> declare() {
  ParameterSet<BitPragmaticSpec> p;
  p.inherit(system_parameters());
  declare_array(p);
  declare_processing(p);
  declare_buffers(p);
  p.mapping_only({"brick.pack_groups", "nbin.size", "nbin.banks", "sb.size", "sb.banks", "nbout.size", "nbout.banks"});
  p.require({"array.precision"}, "array.precision must be 8 or 16 bits; Table IX has 8",
            [](const BitPragmaticSpec& s) { return s.precision_bits % 8 == 0; });
  p.require({"pip.accumulator_bits"}, "pip.accumulator_bits must be a whole number of bytes; the default is 32",
            [](const BitPragmaticSpec& s) { return s.accumulator_bits % 8 == 0; });
  p.require({"pip.accumulator_bits", "array.precision"},
            "pip.accumulator_bits is less than a product of two values; at least twice array.precision",
            [](const BitPragmaticSpec& s) { return s.accumulator_bits >= 2 * s.precision_bits; });
  p.require({"array.tiles", "array.rows", "array.columns", "array.lanes"},
            "the array has more than 4194304 multipliers; make it smaller",
            [](const BitPragmaticSpec& s) { return s.multipliers() <= 4 * mib; });
  p.require({"nbin.size", "nbin.banks"}, "nbin.banks must divide nbin.size",
            [](const BitPragmaticSpec& s) { return s.nbin_bytes % s.nbin_banks == 0; });
  p.require({"sb.size", "sb.banks"}, "sb.banks must divide sb.size",
            [](const BitPragmaticSpec& s) { return s.sb_bytes % s.sb_banks == 0; });
  p.require({"nbout.size", "nbout.banks"}, "nbout.banks must divide nbout.size",
            [](const BitPragmaticSpec& s) { return s.nbout_bytes % s.nbout_banks == 0; });
  return p;
}

}  // namespace

const ParameterSet<BitPragmaticSpec>& bit_pragmatic_parameters() {
  static const ParameterSet<BitPragmaticSpec> parameters = declare();
  return parameters;
}

}  // namespace rebasis::arch
