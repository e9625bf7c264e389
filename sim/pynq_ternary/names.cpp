#include "sim/pynq_ternary/names.h"

#include <algorithm>

#include "common/units.h"
#include "sim/core/sequence/clocked.h"
#include "sim/core/sequence/ports.h"

namespace rebasis::sim::pynq_ternary {

CounterNames counter_names(const arch::PynqTernarySpec& spec) {
  const auto copies = [](std::int64_t count) { return static_cast<std::uint64_t>(count); };
  // A read and a write channel a port.
  return sequence_names(
      {{"engines", copies(spec.pes)},
       {"indexer", 1},
       {"weight_loader", 1},
       {"window", 1},
       {"output_path", 1},
       {"axi_channels", copies(2 * spec.axi_ports)}},
      {"input_gb.read_byte", "input_gb.write_byte", "weight_buffer.read_byte", "weight_buffer.write_byte",
       "output_gb.read_byte", "output_gb.write_byte", "register.write_byte", "pe.add_sub", "dsp.mac", "adder_tree.add",
       "requantise.op", "group_indexer.bit", "axi.beat"});
}

arch::EnergyTable::Srams sram_geometry(const arch::PynqTernarySpec& spec) {
  // Block RAMs: whatever the size of the buffer, an access opens one block of 18 or 36 Kbit.
  constexpr std::uint64_t block_18 = 2048, block_36 = 4096;
  constexpr std::uint32_t input_port = 16, weight_port = 64, accumulator_port = 32;
  const auto bank = [](std::int64_t bytes, std::int64_t banks, std::uint64_t block, std::uint32_t port) {
    const auto share = static_cast<std::uint64_t>(ceil_div(bytes, banks));
    return arch::SramGeometry{std::clamp<std::uint64_t>(share, 512, block), port};
  };
  return {{"input_gb", bank(spec.input_buffer_bytes, spec.pe_channels * spec.pe_rows, block_18, input_port)},
          {"weight_buffer", bank(spec.weight_buffer_bytes, ceil_div<std::int64_t>(spec.weight_port_bits, weight_port),
                                 block_36, weight_port)},
          {"output_gb", bank(spec.output_buffer_bytes, spec.pes, block_36, accumulator_port)}};
}

std::vector<std::string> shell_names(const arch::PynqTernarySpec& spec) {
  std::vector<std::string> core{"indexer", "weight_loader", "window", "output_path", "mac_engine"};
  for (std::int64_t pe = 0; pe < spec.pes; ++pe) core.push_back("pe_" + std::to_string(pe));
  std::vector<std::string> names = SequencedMachine::shell_names(std::move(core));
  names.insert(names.end(), {"axi_ports", "host"});
  return names;
}

std::vector<std::string> probe_names() {
  return SequencedMachine::probe_names(
      {"indexer.row", "indexer.set_offered", "weight_loader.busy", "window.trip", "pe.working", "output_path.busy"});
}

}  // namespace rebasis::sim::pynq_ternary
