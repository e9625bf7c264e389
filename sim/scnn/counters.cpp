#include "sim/scnn/counters.h"

#include "sim/core/sequence/ports.h"

namespace rebasis::sim::scnn {

CounterNames counter_names(const arch::ScnnSpec& spec) {
  const auto pes = static_cast<std::uint64_t>(spec.pes());
  return sequence_names(
      {{"pes", pes}, {"weight_ports", pes}, {"accumulator_banks", pes * static_cast<std::uint64_t>(spec.banks)}},
      {"mac.mac", "crossbar.product", "accumulator.read_byte", "accumulator.write_byte", "input_gb.read_byte",
       "input_gb.write_byte", "weight_buffer.read_byte", "weight_buffer.write_byte", "register.read_byte",
       "register.write_byte", "adder_tree.add", "link.write_byte", "requantise.op", "output_gb.write_byte",
       "output_gb.read_byte"},
      spec.decoder);
}

}  // namespace rebasis::sim::scnn
