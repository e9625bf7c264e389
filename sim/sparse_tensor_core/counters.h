// What both fidelities of the sparse tensor core count: DianNao's blocks and actions first, under DianNao's numbers,
// since the back half of the pipeline is DianNao's.
#pragma once

#include "arch/energy/energy_table.h"
#include "arch/sparse_tensor_core/spec.h"
#include "sim/core/counters.h"
#include "sim/diannao/counters.h"

namespace rebasis::sim::sparse_tensor_core {

/// Blocks after DianNao's; the DMA follows.
enum Block : std::size_t { selectors = diannao::nbout + 1, index_buffer };

/// Priced events after DianNao's; the sequencer's follow.
enum Action : std::size_t {
  index_read = diannao::requantise + 1,
  index_write,   ///< bytes
  select_level,  ///< bytes through a level of 2:1 multiplexers
};

[[nodiscard]] CounterNames counter_names(const arch::SparseTensorCoreSpec& spec);

/// Capacity and port width of a bank of each buffer, which set its price.
[[nodiscard]] arch::EnergyTable::Srams sram_geometry(const arch::SparseTensorCoreSpec& spec);

}  // namespace rebasis::sim::sparse_tensor_core
