// Blocks and actions of the accelerator, in the order of its counters.
#pragma once

#include <cstddef>

#include "arch/energy/energy_table.h"
#include "arch/pynq_ternary/spec.h"
#include "sim/core/counters.h"

namespace rebasis::sim::pynq_ternary {

/// `engines`: the PEs; in a layer on the MAC engine the first copy stands for the engine and the others are idle.
enum Block : std::size_t { engines, indexer, weight_loader, window_registers, output_path, axi_channels };

enum Action : std::size_t {
  input_read,
  input_write,
  weight_read,
  weight_write,
  output_read,
  output_write,
  register_write,
  add_sub,
  dsp_mac,
  accumulate,
  requantise,
  index_bit,
  axi_beat
};

[[nodiscard]] CounterNames counter_names(const arch::PynqTernarySpec& spec);

/// A bank of each buffer, which sets its price.
[[nodiscard]] arch::EnergyTable::Srams sram_geometry(const arch::PynqTernarySpec& spec);

/// Of the clocked machine.
[[nodiscard]] std::vector<std::string> shell_names(const arch::PynqTernarySpec& spec);
[[nodiscard]] std::vector<std::string> probe_names();

/// Shells of the core, before the PEs.
enum CoreShell : std::size_t { indexer_shell, loader_shell, window_shell, output_shell, engine_shell, first_pe_shell };

}  // namespace rebasis::sim::pynq_ternary
