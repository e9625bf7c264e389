#include "sim/bit_pragmatic/names.h"

#include "arch/bit_pragmatic/srams.h"
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
       "adder_tree.add", "requantise.op"},
      spec.decoder);
}

arch::EnergyTable::Srams sram_geometry(const arch::BitPragmaticSpec& spec) {
  return arch::bank_of_each(arch::sram_banks(spec));
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
