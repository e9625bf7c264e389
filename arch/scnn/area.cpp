#include "arch/scnn/area.h"

#include <bit>

#include "arch/scnn/srams.h"

namespace rebasis::arch {

AreaBreakdown area_of(const ScnnSpec& spec) {
  constexpr std::int64_t position_bits = 8;
  const auto bits_of = [](std::int64_t values) {
    return static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(values - 1)));
  };
  const std::int64_t products = spec.weights_F * spec.activations_I, pes = spec.pes();
  const std::int64_t address_bits = bits_of(spec.banks * spec.bank_entries);
  const BlockParameters positions{{"POSITION_W", position_bits}, {"ADDRESS_W", address_bits}};
  // A product travels with the place of its sum in the bank.
  const std::int64_t routed_bits = 2 * spec.precision_bits + bits_of(spec.bank_entries);
  AreaSheet sheet;
  return sheet.srams(sram_banks(spec))
      .blocks("weight FIFOs", pes, "register_file",
              {{"WORDS", spec.fifo_vectors}, {"W", spec.weights_F * spec.stored_bits()}})
      .blocks("zero-run counters", pes * (spec.weights_F + spec.activations_I), "zero_runs", positions)
      .blocks("multipliers", pes * products, "multiplier", {{"W", spec.precision_bits}})
      .blocks("coordinates", pes * products, "coordinate", positions)
      .registers("product registers", pes * products * (2 * spec.precision_bits + address_bits))
      .blocks("crossbars", pes * spec.banks, "crossbar_port", {{"INPUTS", products}, {"W", routed_bits}})
      .blocks("bank queues", spec.bank_queue > 1 ? pes * spec.banks : 0, "fifo",
              {{"WORDS", spec.bank_queue}, {"W", routed_bits}})
      .blocks("accumulator banks", pes * spec.banks * spec.accumulator_buffers, "register_file",
              {{"WORDS", spec.bank_entries}, {"W", spec.accumulator_bits}})
      .blocks("bank adders", pes * spec.banks, "adder", {{"W", spec.accumulator_bits}})
      .blocks("halo adders", pes * spec.halo_sums, "accumulator", {{"W", spec.accumulator_bits}})
      .blocks("PPU requantisers", pes * spec.ppu_outputs, "requantiser",
              {{"SUM_W", spec.accumulator_bits}, {"OUT_W", spec.precision_bits}})
      .blocks("PPU compressors", pes * spec.ppu_outputs, "zero_runs", positions)
      .system(spec, 3)
      .breakdown();
}

}  // namespace rebasis::arch
