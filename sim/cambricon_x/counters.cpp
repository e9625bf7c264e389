#include "sim/cambricon_x/counters.h"

#include <algorithm>

#include "common/units.h"
#include "sim/core/sequence/ports.h"

namespace rebasis::sim::cambricon_x {

CounterNames counter_names(const arch::CambriconXSpec& spec) {
  const auto copies = static_cast<std::uint64_t>(spec.pes);
  return sequence_names(
      {{"pes", copies}, {"indexing_lanes", copies}, {"nbin_port", 1}, {"nbout_banks", copies}},
      {"input_gb.read_byte", "input_gb.write_byte", "weight_buffer.read_byte", "weight_buffer.write_byte",
       "index_gb.read_byte", "index_gb.write_byte", "output_gb.read_byte", "output_gb.write_byte", "register.read_byte",
       "register.write_byte", "indexing_module.select", "mac.mac", "adder_tree.add", "requantise.op"});
}

arch::EnergyTable::Srams sram_geometry(const arch::CambriconXSpec& spec) {
  const auto bank = [](std::int64_t bytes, std::int64_t port_bits) {
    return arch::SramGeometry{static_cast<std::uint64_t>(bytes),
                              static_cast<std::uint32_t>(std::max<std::int64_t>(8, port_bits))};
  };
  return {
      {"input_gb", bank(spec.nbin_bytes / spec.nbin_banks, ceil_div(spec.scan * spec.precision_bits, spec.nbin_banks))},
      {"weight_buffer",
       bank(spec.sb_bytes / spec.sb_banks, ceil_div(spec.multipliers * spec.precision_bits, spec.sb_banks))},
      {"index_gb", bank(spec.index_bytes / spec.index_banks,
                        ceil_div(spec.multipliers * spec.step_bits * spec.pes, spec.index_banks))},
      {"output_gb", bank(spec.nbout_bytes / spec.pes, partial_sum_bytes * 8)}};
}

}  // namespace rebasis::sim::cambricon_x
