// What Bit-Pragmatic counts. docs/accelerators/bit-pragmatic.md, "Actions".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "arch/bit_pragmatic/spec.h"
#include "arch/energy/energy_table.h"
#include "sim/core/counters.h"

namespace rebasis::sim::bit_pragmatic {

enum Block : std::size_t { columns_block, synapse_buffer_block, dispatcher_block, output_port_block };

enum Action : std::size_t {
  nbin_read,       ///< bytes that the dispatcher reads
  nbin_write,      ///< bytes that the DMA fills in
  sb_read,         ///< bytes of weight sets
  sb_write,        ///< bytes that the DMA fills in
  nbout_read,      ///< bytes of partial sums and of what the DMA takes
  nbout_write,     ///< bytes of results and of what the DMA returns
  register_write,  ///< bytes into brick buffers, weight-set registers and the PIPs' own weight registers
  encode,          ///< activations turned into oneffsets
  digit_step,      ///< a oneffset meets a weight
  accumulate,      ///< additions to a partial sum, in PIPs and in NBout
  requantise       ///< finished outputs
};

[[nodiscard]] CounterNames counter_names(const arch::BitPragmaticSpec& spec);
/// Capacity and port width of a bank of each buffer, which set its price.
[[nodiscard]] arch::EnergyTable::Srams sram_geometry(const arch::BitPragmaticSpec& spec);
[[nodiscard]] std::vector<std::string> shell_names(const arch::BitPragmaticSpec& spec);
[[nodiscard]] std::vector<std::string> probe_names();

}  // namespace rebasis::sim::bit_pragmatic
