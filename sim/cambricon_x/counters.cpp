#include "sim/cambricon_x/counters.h"

#include "arch/cambricon_x/srams.h"
#include "sim/core/sequence/ports.h"

namespace rebasis::sim::cambricon_x {

CounterNames counter_names(const arch::CambriconXSpec& spec) {
  const auto copies = static_cast<std::uint64_t>(spec.pes);
  return sequence_names(
      {{"pes", copies}, {"indexing_lanes", copies}, {"nbin_port", 1}, {"nbout_banks", copies}},
      {"input_gb.read_byte", "input_gb.write_byte", "weight_buffer.read_byte", "weight_buffer.write_byte",
       "index_gb.read_byte", "index_gb.write_byte", "output_gb.read_byte", "output_gb.write_byte", "register.read_byte",
       "register.write_byte", "indexing_module.select", "mac.mac", "adder_tree.add", "requantise.op"},
      spec.decoder);
}

arch::EnergyTable::Srams sram_geometry(const arch::CambriconXSpec& spec) {
  return arch::bank_of_each(arch::sram_banks(spec));
}

}  // namespace rebasis::sim::cambricon_x
