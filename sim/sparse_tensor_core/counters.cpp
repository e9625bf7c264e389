#include "sim/sparse_tensor_core/counters.h"

#include "arch/sparse_tensor_core/srams.h"
#include "sim/core/sequence/ports.h"

namespace rebasis::sim::sparse_tensor_core {

CounterNames counter_names(const arch::SparseTensorCoreSpec& spec) {
  const auto copies = [](std::int64_t count) { return static_cast<std::uint64_t>(count); };
  return sequence_names({{"nfu1_multipliers", copies(spec.Tn * spec.Ti)},
                         {"nfu2_trees", copies(spec.Tn)},
                         {"nfu3", 1},
                         {"nbin", 1},
                         {"sb", 1},
                         {"nbout", 1},
                         {"operand_selectors", copies(spec.Tn * spec.Ti)},
                         {"index_buffer", 1}},
                        {"input_gb.read_byte", "input_gb.write_byte", "weight_buffer.read_byte",
                         "weight_buffer.write_byte", "output_gb.read_byte", "output_gb.write_byte", "mac.mac",
                         "adder_tree.add", "register.read_byte", "register.write_byte", "requantise.op",
                         "index_gb.read_byte", "index_gb.write_byte", "operand_selector.level_byte"},
                        spec.decoder);
}

arch::EnergyTable::Srams sram_geometry(const arch::SparseTensorCoreSpec& spec) {
  return arch::bank_of_each(arch::sram_banks(spec));
}

}  // namespace rebasis::sim::sparse_tensor_core
