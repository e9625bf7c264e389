// Configuration of the Bit-Pragmatic accelerator (Albericio et al., MICRO 2017). docs/accelerators/bit-pragmatic.md.
#pragma once

#include <cstdint>
#include <string>

#include "arch/parameter.h"
#include "arch/system_spec.h"

namespace rebasis::arch {

struct BitPragmaticSpec : SystemSpec {
  std::int64_t precision_bits = 0;  ///< of activations and weights, stored and processed
  std::int64_t tiles = 0;           ///< all see the same pallet, each with filters of its own
  std::int64_t rows = 0;            ///< of a tile: filters
  std::int64_t columns = 0;         ///< of a tile: windows, the bricks of a pallet
  std::int64_t lanes = 0;           ///< of an inner-product unit (PIP): activations of a brick
  std::string windows;              ///< raster | row
  std::string fold;                 ///< row | off
  bool pack_groups = true;

  std::string encoding;               ///< plain | booth | naf
  std::int64_t first_stage_bits = 0;  ///< L
  std::int64_t encode_stages = 0;     ///< of the oneffset generators, before the brick buffers
  std::int64_t pipeline_stages = 0;   ///< of a PIP, behind the choice of a cycle's oneffsets
  std::int64_t accumulator_bits = 0;

  std::string sync;            ///< column | pallet
  std::int64_t registers = 0;  ///< weight-set registers of sync column

  std::int64_t nbin_bytes = 0, nbin_banks = 0, nbin_row_bricks = 0;
  std::int64_t sb_bytes = 0, sb_banks = 0, sb_weights_per_cycle = 0;
  std::int64_t nbout_bytes = 0, nbout_banks = 0, nbout_outputs_per_cycle = 0, nbout_ports = 0;
  std::int64_t read_latency = 0;  ///< cycles from an address of SB or NBin to the data

  [[nodiscard]] std::int64_t element_bytes() const { return precision_bits / 8; }
  [[nodiscard]] std::int64_t accumulator_bytes() const { return accumulator_bits / 8; }
  /// Filters that are computed at once.
  [[nodiscard]] std::int64_t filters() const { return tiles * rows; }
  /// Bit-serial multipliers.
  [[nodiscard]] std::int64_t multipliers() const { return filters() * columns * lanes; }
  [[nodiscard]] bool pallet_sync() const { return sync == "pallet"; }
  /// Weight sets, and bricks of a column, that are held for columns that have not taken them yet.
  [[nodiscard]] std::int64_t sets_held() const { return pallet_sync() ? 1 : registers; }
  /// Cycles that the synapse buffer takes for a weight set.
  [[nodiscard]] std::int64_t set_cycles() const {
    return (rows * lanes + sb_weights_per_cycle - 1) / sb_weights_per_cycle;
  }
  /// Cycles that the output port takes for the results of a column's window; with one port, those of later channels
  /// take a read of the partial sums and a write.
  [[nodiscard]] std::int64_t result_cycles(bool first_chunk) const {
    const std::int64_t writes = (rows + nbout_outputs_per_cycle - 1) / nbout_outputs_per_cycle;
    return first_chunk || nbout_ports == 2 ? writes : 2 * writes;
  }
  /// From the start of a step until SB and NBin can deliver.
  [[nodiscard]] std::int64_t weights_latency() const { return read_latency; }
  [[nodiscard]] std::int64_t bricks_latency() const { return read_latency + encode_stages; }
};

[[nodiscard]] const ParameterSet<BitPragmaticSpec>& bit_pragmatic_parameters();

}  // namespace rebasis::arch
