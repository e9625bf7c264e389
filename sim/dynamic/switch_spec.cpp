#include "sim/dynamic/switch_spec.h"

namespace rebasis::sim {

namespace {

arch::ParameterSet<SwitchSpec> declare() {
  using S = SwitchSpec;
  arch::ParameterSet<SwitchSpec> p;
  p.choice("switch.residence", &S::residence, "memory", {"memory", "storage"},
           "All sub-nets in the DRAM, or one there and the others in storage.",
           "decision: the families here are below a megabyte");
  p.choice("switch.reload", &S::reload, "changed", {"whole", "changed", "patch"},
           "From storage: every layer, what differs of it, or a patch where that is shorter.",
           "decision: what differs needs no unit beside the DMA");
  p.integer("switch.descriptor", &S::descriptor_bytes, 64, 1, 4096, "B",
            "Of a layer in the controller's table: shape, tiles, addresses.", "decision: 16 words of 32 bits");
  p.integer("switch.scale", &S::scale_bytes, 4, 0, 64, "B", "Of a filter's scale, kept with the table.",
            "decision: 16 bits of scale and a shift, aligned; batch norms are folded, so every sub-net has its own");
  p.integer("switch.chunk", &S::chunk_bytes, 4096, 64, 1 << 20, "B", "Staged at a time, twice.",
            "decision: a page of flash");
  p.integer("switch.port", &S::port_bytes, 8, 1, 64, "B", "Through the switch unit in a cycle.",
            "decision: 64 bits, the width of the buffers' ports in Table IX");
  p.integer("switch.patch_rate", &S::patch_rate, 1, 1, 64, "", "Weights a cycle that a patch is applied to.",
            "decision: one prefix code a cycle, like the Huffman decoder");
  p.bytes("switch.table", &S::table_bytes, 16384, 64, 1 << 24, "Capacity of the controller's table of layers.",
          "decision: holds a network of 50 layers with 2000 filters");
  p.real("storage.bandwidth", &S::storage_bytes_s, 250e6, 1e3, 1e12, "B/s", "Of the storage.",
         "decision: sequential reads of an eMMC 5.1 part (HS400 tops at 400 MB/s)");
  p.real("storage.latency", &S::storage_latency_s, 100e-6, 0, 10, "s", "Until the first byte of a switch.",
         "decision: command and page read of NAND flash");
  return p;
}

}  // namespace

const arch::ParameterSet<SwitchSpec>& switch_parameters() {
  static const arch::ParameterSet<SwitchSpec> parameters = declare();
  return parameters;
}

}  // namespace rebasis::sim
