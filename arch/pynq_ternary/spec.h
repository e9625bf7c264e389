// The PE-wise ternary accelerator on the XC7Z020 of a PYNQ-Z1, as configured: every parameter resolved and checked.
#pragma once

#include <cstdint>
#include <string>

#include "arch/system_spec.h"

namespace rebasis::arch {

/// What the FPGA has.
struct FpgaDevice {
  std::int64_t luts = 0, ffs = 0, bram36 = 0, dsps = 0;
};
[[nodiscard]] const ParameterSet<FpgaDevice>& fpga_device_parameters();

/// Parameters of the accelerator (Yang's dissertation, sections 2.2.3 and 2.4.4). docs/parameters/pynq-z1-ternary.md is
/// generated from their declaration; docs/accelerators/pynq-z1-ternary.md says what each does to the cycles.
struct PynqTernarySpec : SystemSpec {
  std::int64_t pes = 0;
  std::int64_t pe_channels = 0, pe_rows = 0, pe_columns = 0;  ///< C_g, K_h, K_w
  std::string pe_kind;                                        ///< ternary | mac
  std::int64_t pe_depth = 0;                                  ///< pipeline stages
  bool weight_prefetch = true;

  bool skip_groups = true;
  std::int64_t groups_per_cycle = 0;  ///< index bits that the indexer of a PE examines in a cycle
  std::int64_t ternary_bits = 0;      ///< stored width of a ternary weight
  std::string stored_groups;          ///< nonzero | all

  std::int64_t input_buffer_bytes = 0, weight_buffer_bytes = 0, output_buffer_bytes = 0;
  std::int64_t weight_port_bits = 0;
  std::int64_t weight_read_latency = 0;  ///< cycles from address to data, of weights and index
  bool overlap = true;

  std::int64_t output_lanes = 0, output_depth = 0;
  std::int64_t engine_dsps = 0, engine_depth = 0;

  std::int64_t axi_ports = 0, axi_latency = 0;
  std::int64_t host_start = 0;  ///< cycles
  FpgaDevice device;

  static constexpr std::int64_t activation_bytes = 2;  ///< 16-bit fixed point
  static constexpr std::int64_t accumulator_bytes = 4;
  static constexpr std::int64_t axi_beat_bytes = 8;
  static constexpr std::int64_t engine_weight_bits = 8;  ///< of a layer kept in full precision (dense-int8)

  [[nodiscard]] bool mac() const { return pe_kind == "mac"; }
  [[nodiscard]] std::int64_t lanes() const { return pe_channels * pe_rows * pe_columns; }
  /// Stored width of a weight of the PEs.
  [[nodiscard]] std::int64_t weight_bits() const { return mac() ? 16 : ternary_bits; }
  /// All-zero groups are neither stored nor moved.
  [[nodiscard]] bool stores_nonzero_only() const { return skip_groups && stored_groups == "nonzero"; }
};

[[nodiscard]] const ParameterSet<PynqTernarySpec>& pynq_ternary_parameters();

}  // namespace rebasis::arch
