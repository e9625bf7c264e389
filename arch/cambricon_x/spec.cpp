#include "arch/cambricon_x/spec.h"

#include <bit>

namespace rebasis::arch {

namespace {

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;

void declare_array(ParameterSet<CambriconXSpec>& p) {
  using S = CambriconXSpec;
  p.integer("pe.count", &S::pes, 16, 1, 1024, "", "Processing elements: filters computed at once.",
            "published design: 16");
  p.integer(
      "pe.multipliers", &S::multipliers, 64, 1, 1024, "", "Multipliers of a PE and width of its adder tree.",
      "SmartDeal paper Table IX: 1K multipliers; decision: 16 x 64 (sensitivity in docs/accelerators/cambricon-x.md)");
  p.integer("pe.precision", &S::precision_bits, 8, 8, 16, "bits",
            "Stored width of neurons and synapses, and of the multipliers (8 or 16).", "SmartDeal paper Table IX");
  p.choice(
      "pe.assignment", &S::assignment, "sorted", {"sorted", "in_order"},
      "Which filters a PE computes: filters of like size at the same time and snaking over the PEs, or as numbered.",
      "decision: synapses are known beforehand (docs/accelerators/cambricon-x.md)");
}

void declare_indexing(ParameterSet<CambriconXSpec>& p) {
  using S = CambriconXSpec;
  p.integer("indexing.scan", &S::scan, 1024, 1, 65536, "neurons",
            "Candidate neurons of a line, which a lane of the indexing module examines in a cycle.",
            "decision: 16 candidates a multiplier (sensitivity in docs/accelerators/cambricon-x.md)");
  p.integer("indexing.lines", &S::lines, 4, 2, 65536, "lines",
            "Line registers: a line is read when the slowest PE has passed the line this many before it.",
            "decision: sensitivity in docs/accelerators/cambricon-x.md");
  p.integer("indexing.step_bits", &S::step_bits, 3, 1, 16, "bits",
            "Width of a step (distance to the next synapse, 1 to 2^bits); a longer one takes placeholder synapses of "
            "value 0.",
            "published: step indexing; decision: the width (sensitivity in docs/accelerators/cambricon-x.md)");
  p.choice("indexing.gather", &S::gather, "window", {"window", "row", "tap"},
           "What the neurons of a line may come from: the whole window of an output, a kernel row of it, or one kernel "
           "position.",
           "decision: favours the baseline; sensitivity in docs/accelerators/cambricon-x.md");
}

void declare_buffers(ParameterSet<CambriconXSpec>& p) {
  using S = CambriconXSpec;
  p.bytes("nbin.size", &S::nbin_bytes, 256 * kib, 64, 1024 * mib, "Input neurons (NBin), both halves.",
          "SmartDeal paper Table IX: 772 KB in total; decision: the split");
  p.integer("nbin.banks", &S::nbin_banks, 128, 1, 4096, "", "Its banks; a line takes a word of each.",
            "decision: words of 64 bits, as the input GB of Table IX");
  p.integer("nbin.read_latency", &S::nbin_latency, 1, 0, 16, "cycles",
            "From the address of a line to the line at its register; reads are pipelined.",
            "decision: synchronous SRAM");
  p.bytes("nbout.size", &S::nbout_bytes, 132 * kib, 16, 1024 * mib,
          "Output neurons and partial sums (NBout), both halves, a bank a PE.",
          "SmartDeal paper Table IX: 772 KB in total; decision: the split");
  p.bytes("sb.size", &S::sb_bytes, 16 * kib, 16, 64 * mib, "Synapse buffer of a PE, both halves.",
          "SmartDeal paper Table IX: 772 KB in total; decision: the split");
  p.integer("sb.banks", &S::sb_banks, 4, 1, 256, "",
            "Banks of a synapse buffer; a row of synapses takes a word of each.", "decision: words of 128 bits");
  p.bytes("index_buffer.size", &S::index_bytes, 128 * kib, 16, 1024 * mib,
          "Step indexes, in the indexing module, both halves.",
          "SmartDeal paper Table IX: 772 KB in total; decision: the split");
  p.integer("index_buffer.banks", &S::index_banks, 64, 1, 4096, "", "Its banks, the same number for each lane.",
            "decision: words of about 48 bits");
}

ParameterSet<CambriconXSpec> declare() {
  ParameterSet<CambriconXSpec> p;
  p.inherit(system_parameters());
  declare_array(p);
  declare_indexing(p);
  declare_buffers(p);
  p.mapping_only(
      {"nbin.size", "nbin.banks", "nbout.size", "sb.size", "sb.banks", "index_buffer.size", "index_buffer.banks"});
  p.require({"pe.precision"}, "pe.precision must be 8 or 16 bits; Table IX has 8, the published design 16",
            [](const CambriconXSpec& s) { return s.precision_bits % 8 == 0; });
  p.require({"indexing.scan", "pe.multipliers"},
            "indexing.scan is less than pe.multipliers, so that dense synapses would starve; at least as many",
            [](const CambriconXSpec& s) { return s.scan >= s.multipliers; });
  p.require({"nbin.size", "nbin.banks"}, "nbin.banks must divide nbin.size",
            [](const CambriconXSpec& s) { return s.nbin_bytes % s.nbin_banks == 0; });
  p.require({"nbout.size", "pe.count"}, "nbout.size must be a multiple of pe.count: a bank a PE",
            [](const CambriconXSpec& s) { return s.nbout_bytes % s.pes == 0; });
  p.require({"sb.size", "sb.banks"}, "sb.banks must divide sb.size",
            [](const CambriconXSpec& s) { return s.sb_bytes % s.sb_banks == 0; });
  p.require({"index_buffer.banks", "pe.count"},
            "index_buffer.banks must be a multiple of pe.count: the same number for each lane",
            [](const CambriconXSpec& s) { return s.index_banks % s.pes == 0; });
  p.require({"index_buffer.size", "index_buffer.banks"}, "index_buffer.banks must divide index_buffer.size",
            [](const CambriconXSpec& s) { return s.index_bytes % s.index_banks == 0; });
  return p;
}

}  // namespace

std::int64_t CambriconXSpec::tree_stages() const {
  return static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(multipliers - 1)));
}

const ParameterSet<CambriconXSpec>& cambricon_x_parameters() {
  static const ParameterSet<CambriconXSpec> parameters = declare();
  return parameters;
}

}  // namespace rebasis::arch
