// What the model of Cambricon-X counts.
#pragma once

#include <cstddef>

#include "arch/cambricon_x/spec.h"
#include "arch/energy/energy_table.h"
#include "sim/core/counters.h"

namespace rebasis::sim::cambricon_x {

/// Blocks of the block diagram; the DMA follows.
enum Block : std::size_t { pes, indexing_lanes, nbin_port, nbout_banks };

/// Priced events; those of the sequence follow.
enum Action : std::size_t {
  nbin_read,  ///< bytes of neurons read into line registers, padding excepted
  nbin_write,
  sb_read,  ///< bytes of synapses and biases
  sb_write,
  index_read,  ///< bytes of steps and counts
  index_write,
  nbout_read,
  nbout_write,
  register_read,   ///< bytes: selected neurons out of the operand register
  register_write,  ///< bytes: lines into line registers, selected neurons into operand registers
  select,          ///< a step added and a neuron selected
  mac,             ///< 8-bit multiply-adds
  accumulate,      ///< 32-bit additions behind the adder trees
  requantise
};

[[nodiscard]] CounterNames counter_names(const arch::CambriconXSpec& spec);

/// Capacity and port width of a bank of each buffer, which set its price.
[[nodiscard]] arch::EnergyTable::Srams sram_geometry(const arch::CambriconXSpec& spec);

inline constexpr std::int64_t partial_sum_bytes = arch::CambriconXSpec::partial_sum_bits / 8;
inline constexpr std::int64_t bias_bytes = 4;

}  // namespace rebasis::sim::cambricon_x
