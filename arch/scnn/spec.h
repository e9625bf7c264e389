// The SCNN accelerator as configured: every parameter resolved and checked.
#pragma once

#include <cstdint>
#include <string>

#include "arch/system_spec.h"

namespace rebasis::arch {

/// Parameters of SCNN (Parashar et al., ISCA 2017). docs/parameters/scnn.md is generated from their declaration in
/// spec.cpp; docs/accelerators/scnn.md says what each does to the cycles.
struct ScnnSpec : SystemSpec {
  std::int64_t precision_bits = 0;  ///< stored width of activations and weights

  std::int64_t pe_rows = 0;
  std::int64_t pe_columns = 0;
  std::int64_t weights_F = 0;      ///< weights of a Cartesian product
  std::int64_t activations_I = 0;  ///< activations of a Cartesian product
  std::int64_t pe_stages = 0;      ///< from the operands to the accumulator

  std::int64_t banks = 0;         ///< of a PE's accumulator
  std::int64_t bank_entries = 0;  ///< partial sums of a bank, in each buffer
  std::int64_t accumulator_bits = 0;
  std::int64_t accumulator_buffers = 0;  ///< 2: one drains while the other accumulates
  std::int64_t bank_queue = 0;           ///< products waiting at a bank, the one it serves included
  std::string accumulator_layout;        ///< best | plane | filters

  std::int64_t fifo_vectors = 0;         ///< weight vectors that a PE holds
  std::int64_t broadcast_vectors = 0;    ///< weight vectors on the bus in a cycle
  std::int64_t weight_buffer_bytes = 0;  ///< staging between DRAM and the broadcast, both banks
  std::int64_t weight_latency = 0;       ///< cycles from an address of it to the data
  std::string weight_order;              ///< filters | kernel: what runs fastest in a block

  std::int64_t iaram_bytes = 0;   ///< of a PE
  std::int64_t oaram_bytes = 0;   ///< of a PE, both banks
  std::int64_t run_bits = 0;      ///< of a zero run
  std::int64_t halo_sums = 0;     ///< partial sums over a link between neighbours in a cycle
  std::int64_t ppu_outputs = 0;   ///< outputs that a PE's PPU finishes in a cycle
  double output_density = 0;      ///< of results whose reader is not in the trace
  std::int64_t input_chunks = 0;  ///< pieces in which the activations of a single planar tile arrive
  bool fully_connected = false;

  [[nodiscard]] std::int64_t pes() const { return pe_rows * pe_columns; }
  [[nodiscard]] std::int64_t element_bytes() const { return precision_bits / 8; }
  /// A stored value with its zero run.
  [[nodiscard]] std::int64_t stored_bits() const { return precision_bits + run_bits; }
  [[nodiscard]] std::int64_t multipliers() const { return pes() * weights_F * activations_I; }
  /// Weight vectors that are broadcast together: half a FIFO, so that the other half can be filled meanwhile.
  [[nodiscard]] std::int64_t segment_vectors() const { return fifo_vectors > 1 ? fifo_vectors / 2 : 1; }
  /// All SRAM and latch arrays on the chip, in bytes.
  [[nodiscard]] std::int64_t storage_bytes() const;
};

[[nodiscard]] const ParameterSet<ScnnSpec>& scnn_parameters();

}  // namespace rebasis::arch
