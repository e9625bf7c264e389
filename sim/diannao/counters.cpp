#include "sim/diannao/counters.h"

#include "arch/diannao/srams.h"
#include "sim/core/sequence/ports.h"

namespace rebasis::sim::diannao {

CounterNames counter_names(const arch::DianNaoSpec& spec) {
  const auto copies = [](std::int64_t count) { return static_cast<std::uint64_t>(count); };
  return sequence_names({{"nfu1_multipliers", copies(spec.Tn * spec.Ti)},
                         {"nfu2_trees", copies(spec.Tn)},
                         {"nfu3", 1},
                         {"nbin", 1},
                         {"sb", 1},
                         {"nbout", 1}},
                        {"input_gb.read_byte", "input_gb.write_byte", "weight_buffer.read_byte",
                         "weight_buffer.write_byte", "output_gb.read_byte", "output_gb.write_byte", "mac.mac",
                         "adder_tree.add", "register.read_byte", "register.write_byte", "requantise.op"},
                        spec.decoder);
}

void charge_others(const CounterNames& names, Counters& counters, Cycle cycles) {
  const std::size_t sequencers = names.decoder ? 2 : 1;  // the DMA and the weight decoder keep accounts of their own
  for (std::size_t b = own_blocks; b + sequencers < names.blocks.size(); ++b)
    counters.blocks[b][Cause::idle] += cycles * static_cast<Cycle>(names.blocks[b].instances);
}

arch::EnergyTable::Srams sram_geometry(const arch::DianNaoSpec& spec) {
  return arch::bank_of_each(arch::sram_banks(spec));
}

}  // namespace rebasis::sim::diannao
