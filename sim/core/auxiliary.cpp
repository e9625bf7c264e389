#include "sim/core/auxiliary.h"

namespace rebasis::sim {

namespace {

constexpr std::uint64_t result_base = std::uint64_t{1} << 36U;

/// Completion of the whole transfer.
Cycle stream(Dma& dma, const Transfer& transfer, bool write, Cycle at) {
  if (transfer.bytes == 0) return at;
  return dma.run_until_done(0, dma.issue(0, {transfer}, write, at));
}

}  // namespace

bool moves_data(const trace::AuxiliaryInfo& info) { return info.input_elements > 0 || info.output_elements > 0; }

LayerResult simulate_auxiliary(const trace::AuxiliaryInfo& info, std::int64_t images, std::int64_t element_bytes,
                               DmaLimits limits, const arch::EnergyTable& energy, DramModel& memory) {
  const auto bytes = [&](std::int64_t elements) { return static_cast<std::uint64_t>(elements * element_bytes); };
  memory.reset();
  Dma dma(limits, 1, port_to(memory));
  Cycle end = stream(dma, {TensorClass::inputs, 0, bytes(info.input_elements)}, false, 0);
  end = stream(dma, {TensorClass::outputs, result_base, bytes(info.output_elements)}, true, end);
  LayerResult result;
  const auto count = static_cast<std::uint64_t>(images);
  result.name = info.name;
  result.op = info.op;
  result.encoding = "none";
  result.images = count;
  result.cycles = static_cast<std::uint64_t>(end) * count;
  result.dram.inputs = bytes(info.input_elements) * count;
  result.dram.outputs = bytes(info.output_elements) * count;
  result.stalls = {{"dram", result.cycles}};
  if (result.dram.inputs != 0) result.actions["dram.read_byte"] = result.dram.inputs;
  if (result.dram.outputs != 0) result.actions["dram.write_byte"] = result.dram.outputs;
  result.energy_by_component_pj = energy.price_all(result.actions, {});
  for (const auto& [component, pj] : result.energy_by_component_pj) result.energy_pj += pj;
  result.mapping = {{"loop_order", "stream"}};
  result.bounds = {{"dram", static_cast<double>(result.dram.total()) / memory.peak_bytes_per_cycle()}};
  result.per_image.assign(
      static_cast<std::size_t>(images),
      {static_cast<std::uint64_t>(end), result.energy_pj / static_cast<double>(images), result.dram.total() / count});
  return result;
}

}  // namespace rebasis::sim
