#include "arch/system_spec.h"

namespace rebasis::arch {

namespace {

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
  return p;
}

}  // namespace

const ParameterSet<SystemSpec>& system_parameters() {
  static const ParameterSet<SystemSpec> parameters = declare();
  return parameters;
}

}  // namespace rebasis::arch
