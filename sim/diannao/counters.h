// What both fidelities of DianNao count.
#pragma once

#include "arch/diannao/spec.h"
#include "arch/energy/energy_table.h"
#include "sim/core/counters.h"

namespace rebasis::sim::diannao {

/// Blocks of the block diagram, in the order of counter_names(); the DMA follows.
enum Block : std::size_t { nfu1, nfu2, nfu3, nbin, sb, nbout, own_blocks };

/// Priced events, in the order of counter_names(); the sequencer's follow.
enum Action : std::size_t {
  nbin_read,
  nbin_write,
  sb_read,
  sb_write,
  nbout_read,
  nbout_write,  ///< bytes
  mac,          ///< 8 x 8 bit multiplication and its addition in the tree; not between groups that share the array
  accumulate,   ///< addition of a tree's sum to the partial sum
  register_read,
  register_write,  ///< bytes of NFU-2's sum registers
  requantise,      ///< outputs that pass NFU-3
};

[[nodiscard]] CounterNames counter_names(const arch::DianNaoSpec& spec);

/// The blocks that an accelerator has between DianNao's own and the DMA are idle for `cycles` cycles.
void charge_others(const CounterNames& names, Counters& counters, Cycle cycles);

/// Capacity and port width of a bank of each buffer, which set its price.
[[nodiscard]] arch::EnergyTable::Srams sram_geometry(const arch::DianNaoSpec& spec);

}  // namespace rebasis::sim::diannao
