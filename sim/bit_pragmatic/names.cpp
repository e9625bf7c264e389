#include "sim/bit_pragmatic/names.h"

#include <algorithm>

#include "common/units.h"
#include "sim/core/sequence/clocked.h"

namespace rebasis::sim::bit_pragmatic {

CounterNames counter_names(const arch::BitPragmaticSpec& spec) {
  return sequence_names(
      {{"columns", static_cast<std::uint64_t>(spec.columns)},
       {"synapse_buffer", 1},
       {"dispatcher", 1},
       {"output_port", 1}},
      {"input_gb.read_byte", "input_gb.write_byte", "weight_buffer.read_byte", "weight_buffer.write_byte",
       "output_gb.read_byte", "output_gb.write_byte", "register.write_byte", "booth_encoder.encode", "mac.digit_step",
       "adder_tree.add", "requantise.op"});
}

arch::EnergyTable::Srams sram_geometry(const arch::BitPragmaticSpec& spec) {
  const auto bank = [](std::int64_t bytes, std::int64_t banks, std::int64_t total_port_bytes) {
    const std::int64_t port_bits = std::max<std::int64_t>(8, ceil_div(total_port_bytes * 8, banks));
    return arch::SramGeometry{static_cast<std::uint64_t>(bytes / banks), static_cast<std::uint32_t>(port_bits)};
  };
  return {
      {"input_gb", bank(spec.nbin_bytes, spec.nbin_banks, spec.nbin_row_bricks * spec.lanes * spec.element_bytes())},
      {"weight_buffer",
       bank(spec.sb_bytes, spec.sb_banks, spec.tiles * spec.sb_weights_per_cycle * spec.element_bytes())},
      {"output_gb",
       bank(spec.nbout_bytes, spec.nbout_banks, spec.tiles * spec.nbout_outputs_per_cycle * spec.accumulator_bytes())}};
}

std::vector<std::string> shell_names(const arch::BitPragmaticSpec& spec) {
  std::vector<std::string> names{"synapse_buffer", "dispatcher", "output_port"};
  for (std::int64_t column = 0; column < spec.columns; ++column) names.push_back("column_" + std::to_string(column));
  return SequencedMachine::shell_names(std::move(names));
}

std::vector<std::string> probe_names() {
  return SequencedMachine::probe_names(
      {"columns.busy", "columns.lead", "synapse_buffer.sets", "dispatcher.pallets", "output_port.results"});
}

}  // namespace rebasis::sim::bit_pragmatic
