#include "arch/scnn/spec.h"

namespace rebasis::arch {

namespace {

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;

void declare_array(ParameterSet<ScnnSpec>& p) {
  using S = ScnnSpec;
  p.integer("array.precision", &S::precision_bits, 8, 8, 16, "bits",
            "Stored width of activations and weights (8 or 16).", "SmartDeal paper Table IX; 16 in SCNN");
  p.integer("array.rows", &S::pe_rows, 8, 1, 64, "", "Rows of PEs.", "SCNN: 8 x 8 PEs");
  p.integer("array.columns", &S::pe_columns, 8, 1, 64, "", "Columns of PEs.", "SCNN: 8 x 8 PEs");
  p.integer("pe.weights", &S::weights_F, 4, 1, 8, "", "F: weights of a vector.", "SCNN: F = I = 4");
  p.integer("pe.activations", &S::activations_I, 4, 1, 8, "", "I: activations of a vector.", "SCNN: F = I = 4");
  p.integer("pe.stages", &S::pe_stages, 3, 1, 16, "cycles",
            "From the operands to the accumulator: multiply, scatter, add.", "decision: one stage each");
  p.boolean(
      "fc.enabled", &S::fully_connected, false,
      "Run layers on a 1x1 map with one activation a vector and filters spread over the PEs; false: not supported.",
      "SmartDeal paper VI-D leaves them out of the comparison");
}

void declare_accumulators(ParameterSet<ScnnSpec>& p) {
  using S = ScnnSpec;
  p.integer("accumulator.banks", &S::banks, 32, 1, 128, "", "Accumulator banks of a PE.", "SCNN: 2 x F x I = 32");
  p.integer("accumulator.entries", &S::bank_entries, 32, 1, 4096, "", "Partial sums of a bank, in each buffer.",
            "SCNN: 32");
  p.integer("accumulator.bits", &S::accumulator_bits, 24, 16, 64, "bits", "Width of a partial sum.", "SCNN: 24");
  p.integer("accumulator.buffers", &S::accumulator_buffers, 2, 1, 2, "",
            "2: one buffer drains while the next group of filters accumulates in the other.", "SCNN: double-buffered");
  p.integer("accumulator.queue", &S::bank_queue, 1, 1, 64, "",
            "Products that wait at a bank, the one in service included; 1: a step takes as many cycles as its busiest "
            "bank has hits.",
            "decision: no queue beyond the product in service");
  p.choice("accumulator.layout", &S::accumulator_layout, "best", {"best", "plane", "filters"},
           "What runs fastest in an accumulator's addresses: columns of the plane, filters, or whichever conflicts "
           "less on a sample.",
           "decision: docs/accelerators/scnn.md");
}

void declare_buffers(ParameterSet<ScnnSpec>& p) {
  using S = ScnnSpec;
  p.integer("weight_fifo.entries", &S::fifo_vectors, 50, 1, 4096, "", "Weight vectors that a PE holds.", "SCNN: 50");
  p.integer("weight_fifo.broadcast", &S::broadcast_vectors, 1, 1, 16, "",
            "Weight vectors on the broadcast bus in a cycle.", "decision: as many as a PE consumes");
  p.bytes("weight_buffer.size", &S::weight_buffer_bytes, 16 * kib, 64, 64 * mib,
          "Staging of compressed weights between DRAM and the broadcast, both banks.",
          "decision: docs/accelerators/scnn.md");
  p.integer(
      "weight_buffer.read_latency", &S::weight_latency, 1, 0, 16, "cycles",
      "From an address of the staging buffer to the data, at the start of a step; reads that follow are pipelined.",
      "decision: synchronous SRAM");
  p.choice("weight_buffer.order", &S::weight_order, "filters", {"filters", "kernel"},
           "What runs fastest in a block of weights: the filters of the group, or the kernel's taps.",
           "decision: weights of one tap and several filters never meet in an output");
  p.bytes("iaram.size", &S::iaram_bytes, 4116, 16, 64 * mib, "Compressed activations of a PE.",
          "decision: docs/accelerators/scnn.md");
  p.bytes("oaram.size", &S::oaram_bytes, 1536, 4, 64 * mib, "Compressed results of a PE, both banks.",
          "decision: docs/accelerators/scnn.md");
  p.integer("encoding.run_bits", &S::run_bits, 4, 1, 8, "bits", "Width of a zero run.",
            "SCNN: 4, longer runs take a placeholder");
  p.integer("halo.sums", &S::halo_sums, 4, 1, 64, "", "Partial sums over a link between neighbouring PEs in a cycle.",
            "decision: a vector");
  p.integer("ppu.outputs", &S::ppu_outputs, 4, 1, 64, "", "Outputs that the PPU of a PE finishes in a cycle.",
            "decision: a vector");
  p.real("output.density", &S::output_density, 1, 0, 1, "",
         "Non-zero results of a layer whose reader is not a layer of the trace (additions, pooling, the end).",
         "decision: results before an addition are dense");
}

void declare_mapping(ParameterSet<ScnnSpec>& p) {
  p.integer("mapper.input_chunks", &ScnnSpec::input_chunks, 8, 1, 64, "",
            "Chunks of channels, over its groups of filters, in which a layer of a single planar tile runs at least: "
            "the first is computed while the next arrives.",
            "decision: docs/accelerators/scnn.md");
}

ParameterSet<ScnnSpec> declare() {
  ParameterSet<ScnnSpec> p;
  p.inherit(system_parameters());
  declare_array(p);
  declare_accumulators(p);
  declare_buffers(p);
  declare_mapping(p);
  p.mapping_only({"fc.enabled", "accumulator.entries", "accumulator.layout", "weight_buffer.size", "iaram.size",
                  "oaram.size", "output.density", "mapper.input_chunks"});
  p.require({"array.precision"}, "array.precision must be 8 or 16 bits; Table IX has 8",
            [](const ScnnSpec& s) { return s.precision_bits % 8 == 0; });
  p.require({"accumulator.bits"}, "accumulator.bits must be a whole number of bytes",
            [](const ScnnSpec& s) { return s.accumulator_bits % 8 == 0; });
  p.require({"oaram.size", "accumulator.buffers"}, "oaram.size must be even: it has two banks",
            [](const ScnnSpec& s) { return s.oaram_bytes % 2 == 0; });
  p.require({"weight_buffer.size"}, "weight_buffer.size must be even: it has two banks",
            [](const ScnnSpec& s) { return s.weight_buffer_bytes % 2 == 0; });
  return p;
}

}  // namespace

std::int64_t ScnnSpec::storage_bytes() const {
  const std::int64_t accumulators = accumulator_buffers * banks * bank_entries * accumulator_bits / 8;
  const std::int64_t fifo = fifo_vectors * weights_F * stored_bits() / 8;
  return pes() * (iaram_bytes + oaram_bytes + accumulators + fifo) + weight_buffer_bytes;
}

const ParameterSet<ScnnSpec>& scnn_parameters() {
  static const ParameterSet<ScnnSpec> parameters = declare();
  return parameters;
}

}  // namespace rebasis::arch
