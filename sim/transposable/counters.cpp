#include "sim/transposable/counters.h"

#include "arch/transposable/srams.h"
#include "sim/core/sequence/ports.h"

namespace rebasis::sim::transposable {

namespace {

std::vector<std::string> actions() {
  return {"input_gb.read_byte",
          "input_gb.write_byte",
          "weight_buffer.read_byte",
          "weight_buffer.write_byte",
          "output_gb.read_byte",
          "output_gb.write_byte",
          "mac.mac",
          "adder_tree.add",
          "register.read_byte",
          "register.write_byte",
          "requantise.op",
          "re.shift_add",
          "re.basis_read_byte",
          "re.basis_write_byte",
          "switch_counters.read_byte",
          "switch_counters.write_byte",
          "switch_counters.update"};
}

std::uint64_t copies(std::int64_t count) { return static_cast<std::uint64_t>(count); }

}  // namespace

CounterNames array_names(const arch::TransposableSpec& spec) {
  return sequence_names({{"array", copies(spec.rows * spec.columns)},
                         {"input_gb", 1},
                         {"weight_buffer", 1},
                         {"rebuild_engines", copies(spec.columns)},
                         {"output_gb", 1}},
                        actions());
}

CounterNames update_names(const arch::TransposableSpec& spec) {
  return sequence_names({{"update_lanes", copies(spec.lanes)}, {"switch_counters", 1}}, actions());
}

arch::EnergyTable::Srams sram_geometry(const arch::TransposableSpec& spec) {
  return arch::bank_of_each(arch::sram_banks(spec));
}

}  // namespace rebasis::sim::transposable
