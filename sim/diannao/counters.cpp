#include "sim/diannao/counters.h"

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
                         "adder_tree.add", "register.read_byte", "register.write_byte", "requantise.op"});
}

arch::EnergyTable::Srams sram_geometry(const arch::DianNaoSpec& spec) {
  const auto bank = [](std::int64_t bytes, std::int64_t banks, std::int64_t port_bits) {
    return arch::SramGeometry{static_cast<std::uint64_t>(bytes / banks), static_cast<std::uint32_t>(port_bits)};
  };
  return {{"input_gb", bank(spec.nbin_bytes, spec.nbin_banks, spec.nbin_port_bits)},
          {"weight_buffer", bank(spec.sb_bytes, spec.sb_banks, spec.sb_port_bits)},
          {"output_gb", bank(spec.nbout_bytes, spec.nbout_banks, spec.nbout_port_bits)}};
}

}  // namespace rebasis::sim::diannao
