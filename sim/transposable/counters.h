// What both fidelities of the training accelerator count.
#pragma once

#include "arch/energy/energy_table.h"
#include "arch/transposable/spec.h"
#include "sim/core/counters.h"

namespace rebasis::sim::transposable {

/// Blocks of a pass on the array, in the order of array_names(); the DMA follows.
enum Unit : std::size_t { array, inputs, weights, rebuild, outputs };
/// Blocks of an update, in the order of update_names(); the DMA follows.
enum UpdateUnit : std::size_t { update_lanes, switch_counters };

/// Priced events of both, in the order of the names; the sequencer's follow.
enum Action : std::size_t {
  input_read,
  input_write,
  weight_read,
  weight_write,
  output_read,
  output_write,  ///< bytes
  mac,           ///< 8 x 8 bit multiplications
  add,           ///< additions of 32 bits to a sum
  register_read,
  register_write,  ///< bytes of weights and sums held in the array
  requantise,
  shift_add,    ///< of a rebuild engine: one coefficient to one weight; of the update unit: one to an element of dB
  basis_read,   ///< bytes
  basis_write,  ///< bytes
  counter_read,
  counter_write,  ///< bytes
  counter_update
};

[[nodiscard]] CounterNames array_names(const arch::TransposableSpec& spec);
[[nodiscard]] CounterNames update_names(const arch::TransposableSpec& spec);

/// Capacity and port width of a bank of each buffer, which set its price.
[[nodiscard]] arch::EnergyTable::Srams sram_geometry(const arch::TransposableSpec& spec);

}  // namespace rebasis::sim::transposable
