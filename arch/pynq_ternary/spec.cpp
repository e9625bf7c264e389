#include "arch/pynq_ternary/spec.h"

namespace rebasis::arch {

namespace {

using S = PynqTernarySpec;
constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;

void declare_pes(ParameterSet<S>& p) {
  p.integer("array.pes", &S::pes, 1, 1, 64, "", "Processing elements; each owns every array.pes-th filter.",
            "decision: one PE of 144 multipliers is what the DSPs of the device would hold "
            "(docs/accelerators/pynq-z1-ternary.md)");
  p.integer("pe.channels", &S::pe_channels, 16, 1, 512, "", "C_g: input channels of a PE, and of a weight group.",
            "Yang, Table 7: 16x3x3");
  p.integer("pe.kernel_rows", &S::pe_rows, 3, 1, 11, "", "K_h: kernel rows of a PE.", "Yang, Table 7: 16x3x3");
  p.integer("pe.kernel_columns", &S::pe_columns, 3, 1, 11, "", "K_w: kernel columns of a PE.", "Yang, Table 7: 16x3x3");
  p.choice("pe.kind", &S::pe_kind, "ternary", {"ternary", "mac"},
           "Lanes that add or subtract (2-bit weights), or 16-bit multiply-accumulates on DSPs (16-bit weights).",
           "Yang, 2.4.4: ternary weights replace MACs by additions and subtractions");
  p.integer("pe.depth", &S::pe_depth, 14, 7, 64, "cycles",
            "Stages of a PE: 2 of the buffer's read, window, lanes, adder tree, the accumulator's read and write.",
            "decision: 8 tree levels at one a stage; block RAMs have a registered read");
  p.boolean("pe.weight_prefetch", &S::weight_prefetch, true,
            "A second set of weight registers is loaded while the first is in use.", "decision: double buffering");
  p.boolean("indexer.skip_groups", &S::skip_groups, true,
            "Groups whose weights are all zero are skipped; false: the reference design, which computes every group.",
            "Yang, 2.3.1.3: a binary indexer; 2.4.4: compared with a ternary design without PE-wise pruning");
  p.integer("indexer.groups_per_cycle", &S::groups_per_cycle, 1, 1, 256, "",
            "Index bits that a PE's indexer examines in a cycle.", "decision: the simplest loop");
  p.integer("weights.bits", &S::ternary_bits, 2, 2, 16, "bits",
            "Stored width of a ternary weight; pe.kind mac: always 16.", "Yang, 2.3.1.3: n = 2 bits");
  p.choice("weights.stored_groups", &S::stored_groups, "nonzero", {"nonzero", "all"},
           "Weight groups kept in memory when groups are skipped.",
           "Yang, 2.3.1.3: only the groups with non-zero values are stored");
}

void declare_buffers(ParameterSet<S>& p) {
  p.bytes("input_buffer.size", &S::input_buffer_bytes, 96 * kib, 64, 16 * mib,
          "Feature-map buffer, in pe.channels x pe.kernel_rows banks.", "decision: one 18-Kbit block a bank at 16x3x3");
  p.bytes("weight_buffer.size", &S::weight_buffer_bytes, 32 * kib, 64, 16 * mib, "Weights, index and biases.",
          "decision: twice the largest layer of ResNet-20 at 2 bits");
  p.integer("weight_buffer.port", &S::weight_port_bits, 256, 8, 4096, "bits",
            "What the weight buffer delivers in a cycle.", "decision: four blocks side by side");
  p.integer("weight_buffer.read_latency", &S::weight_read_latency, 2, 0, 16, "cycles",
            "From an address to the data, of a group's weights and of a step's first index bits.",
            "UG473: a block RAM reads at the clock edge, with its output register a cycle later");
  p.bytes("output_buffer.size", &S::output_buffer_bytes, 128 * kib, 64, 16 * mib,
          "32-bit accumulators, in array.pes banks.",
          "decision: two halves that each hold the outputs of a ResNet-20 layer (64 KB)");
  p.boolean("buffers.overlap", &S::overlap, true,
            "Buffers are halved so that transfers overlap computation where a layer has several tiles.",
            "decision: ping-pong buffers");
  p.integer("output.lanes", &S::output_lanes, 4, 1, 64, "", "Outputs that are scaled by alpha and written in a cycle.",
            "decision: one 64-bit AXI word of 16-bit values");
  p.integer("output.depth", &S::output_depth, 6, 1, 64, "cycles", "Stages of the output path.",
            "decision: 2 for the buffer read, 3 for the DSP's registers, 1 rounding");
}

void declare_engine(ParameterSet<S>& p) {
  p.integer(
      "mac_engine.dsps", &S::engine_dsps, 32, 0, 4096, "",
      "Multipliers of the engine for layers in full precision (dense-int8), one filter each; 0: such layers are not "
      "supported.",
      "Yang, 2.3.1.1: first and last layer keep full precision; decision: as wide as weight_buffer.port at 8 bits");
  p.integer("mac_engine.depth", &S::engine_depth, 8, 2, 64, "cycles", "Its pipeline stages.",
            "decision: 2 for the buffer read, 4 for the DSP48E1's registers, 2 for the accumulator");
}

void declare_platform(ParameterSet<S>& p) {
  p.integer("axi.ports", &S::axi_ports, 2, 1, 4, "", "64-bit AXI HP ports; bursts go to them in turn.",
            "UG585: 0.8 GB/s each way at 100 MHz; decision: two carry what the 16-bit DDR3 can deliver (1.6 GB/s)");
  p.integer("axi.latency", &S::axi_latency, 30, 0, 10000, "cycles",
            "What the PS interconnect adds to the memory's own time for each burst.",
            "decision: a few hundred ns seen from the fabric");
  p.integer("host.start", &S::host_start, 200, 0, 1000000000, "cycles",
            "From the host's first register write of a layer until the accelerator's first cycle.",
            "decision: ten AXI-Lite writes of about 20 cycles at 100 MHz");
  p.group("device", &S::device, fpga_device_parameters());
}

void declare_requirements(ParameterSet<S>& p) {
  p.require({"weight_buffer.port"}, "weight_buffer.port must be a whole number of bytes",
            [](const S& s) { return s.weight_port_bits % 8 == 0; });
  p.require({"weights.bits"}, "weights.bits must be 2, 4, 8 or 16",
            [](const S& s) { return (s.ternary_bits & (s.ternary_bits - 1)) == 0; });
  p.require({"pe.channels", "pe.kernel_rows", "pe.kernel_columns"},
            "a PE has more than 4096 lanes (pe.channels x pe.kernel_rows x pe.kernel_columns); the device holds a few "
            "hundred",
            [](const S& s) { return s.lanes() <= 4096; });
  p.require({"input_buffer.size", "pe.channels", "pe.kernel_rows"},
            "input_buffer.size gives a bank less than one 16-bit word; at least 2 x pe.channels x pe.kernel_rows bytes",
            [](const S& s) { return s.input_buffer_bytes >= S::activation_bytes * s.pe_channels * s.pe_rows; });
  p.require({"output_buffer.size", "array.pes"},
            "output_buffer.size gives a PE less than one accumulator; at least 4 x array.pes bytes",
            [](const S& s) { return s.output_buffer_bytes >= S::accumulator_bytes * s.pes; });
}

ParameterSet<S> declare() {
  ParameterSet<S> p;
  p.inherit(system_parameters());
  declare_pes(p);
  declare_buffers(p);
  declare_engine(p);
  declare_platform(p);
  // The device decides whether the design exists.
  p.mapping_only({"weights.stored_groups", "input_buffer.size", "weight_buffer.size", "output_buffer.size",
                  "buffers.overlap", "device.luts", "device.ffs", "device.bram36", "device.dsps"});
  declare_requirements(p);
  return p;
}

ParameterSet<FpgaDevice> declare_device() {
  using D = FpgaDevice;
  ParameterSet<D> p;
  p.integer("luts", &D::luts, 53200, 1, 10000000, "", "6-input LUTs.", "XC7Z020 (DS190)");
  p.integer("ffs", &D::ffs, 106400, 1, 10000000, "", "Flip-flops.", "XC7Z020 (DS190)");
  p.integer("bram36", &D::bram36, 140, 1, 100000, "", "36-Kbit block RAMs.", "XC7Z020 (DS190)");
  p.integer("dsps", &D::dsps, 220, 0, 100000, "", "DSP48E1 slices.", "XC7Z020 (DS190)");
  return p;
}

}  // namespace

const ParameterSet<FpgaDevice>& fpga_device_parameters() {
  static const ParameterSet<FpgaDevice> parameters = declare_device();
  return parameters;
}

const ParameterSet<PynqTernarySpec>& pynq_ternary_parameters() {
  static const ParameterSet<PynqTernarySpec> parameters = declare();
  return parameters;
}

}  // namespace rebasis::arch
