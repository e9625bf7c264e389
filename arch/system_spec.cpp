#include "arch/system_spec.h"

namespace rebasis::arch {

namespace {

ParameterSet<DecoderSpec> declare_decoder() {
  using D = DecoderSpec;
  ParameterSet<DecoderSpec> p;
  p.choice("kind", &D::kind, "none", {"none", "run_length", "huffman", "succinct_element", "succinct_block"},
           "How weights lie in DRAM: none is the accelerator's own format, the others are decoded on the way in.",
           "decision: none of the designs but SmartDeal has such a decoder (docs/decoders.md)");
  p.integer("streams", &D::streams, 16, 1, 4096, "", "Decoders side by side; chunks go round them.",
            "decision: as many 8-bit symbols a cycle as 12.8 GB/s bring at 1 GHz");
  p.integer("chunk", &D::chunk, 256, 16, 8192, "weights", "Weights that are coded on their own, by one decoder.",
            "decision: sensitivity in docs/decoders.md");
  p.integer("symbols_per_cycle", &D::symbols_per_cycle, 1, 1, 64, "",
            "Codes (huffman) or pairs (run_length) that a decoder takes in a cycle.",
            "decision: one; more need their codes found in parallel");
  p.integer("operands", &D::operands, 8, 1, 64, "",
            "Operands that walk a decoder's wavelet tree at once (succinct_element).",
            "decision: as many as an 8-bit tree has levels");
  p.choice("tree", &D::tree, "huffman", {"huffman", "balanced"}, "Shape of the wavelet tree.",
           "docs/succinct.md: Huffman-shaped");
  p.integer("write_bytes", &D::write_bytes, 8, 1, 1024, "B", "What a decoder writes into the weight buffer in a cycle.",
            "decision: a 64-bit port");
  return p;
}

ParameterSet<SystemSpec> declare() {
  using S = SystemSpec;
  ParameterSet<SystemSpec> p;
  p.real("clock.frequency", &S::frequency_hz, 1e9, 1e6, 1e11, "Hz", "Clock of the accelerator.",
         "SmartDeal paper VI-D: 1 GHz");
  p.integer("dma.request", &S::dma_request_bytes, 512, 8, 65536, "B", "Largest request to the DRAM.", "decision");
  p.integer("dma.outstanding", &S::dma_outstanding, 8, 1, 256, "", "Requests in flight.",
            "decision: covers the DRAM's latency");
  p.text("dram.model", &S::dram_model, "lpddr4-3200-x32", "Memory: unlimited, bandwidth or a JEDEC part.",
         "decision: an edge device's memory (not in the paper)");
  p.real("dram.bandwidth", &S::dram_bandwidth_gb_s, 12.8, 1e-3, 1e6, "GB/s", "Of dram.model bandwidth.",
         "LPDDR4-3200 x32 peak");
  p.real("dram.latency", &S::dram_latency_ns, 100, 0, 1e6, "ns", "Of dram.model bandwidth.",
         "decision: typical of LPDDR4");
  p.choice("dram.mapping", &S::dram_mapping, "row-bank-column-xor",
           {"row-bank-column-xor", "row-bank-column", "row-column-bank", "bank-row-column"},
           "Order of the address fields of a JEDEC part.", "docs/dram.md");
  p.choice("mapper.objective", &S::objective, "dram", {"dram", "latency"},
           "What the mapper minimises: DRAM bytes, then estimated cycles, or the other way round.", "decision");
  p.mapping_only({"mapper.objective"});
  p.group("decoder", &SystemSpec::decoder, declare_decoder());
  return p;
}

}  // namespace

const ParameterSet<SystemSpec>& system_parameters() {
  static const ParameterSet<SystemSpec> parameters = declare();
  return parameters;
}

}  // namespace rebasis::arch
