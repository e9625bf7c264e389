#include "sim/smartdeal/auxiliary.h"

#include <algorithm>

#include "sim/smartdeal/dma.h"
#include "sim/smartdeal/layer_result.h"

namespace rebasis::sim::smartdeal {

LayerResult simulate_auxiliary(const trace::AuxiliaryInfo& info, std::int64_t images, const arch::SmartDealSpec& spec,
                               const arch::EnergyTable& energy, DramModel& memory) {
  const auto bytes = [&](std::int64_t elements) { return static_cast<std::uint64_t>(elements * spec.element_bytes()); };
  memory.reset();
  Dma dma(spec, [&](const DramRequest& request, Cycle now) {
    return static_cast<Cycle>(memory.access(request, Cycles(static_cast<std::uint64_t>(now))).count());
  });
  Cycle end = 0;
  if (info.input_elements > 0) {
    const std::size_t job = dma.issue_load({{TensorClass::inputs, 0, bytes(info.input_elements)}}, 0);
    while (dma.step_ahead()) {
    }
    end = dma.load_done(job);
  }
  if (info.output_elements > 0) {
    const std::size_t job = dma.issue_group({{TensorClass::outputs, std::uint64_t{1} << 36U, bytes(info.output_elements)}}, true, end);
    while (dma.step_ahead()) {
    }
    end = dma.group_done(job);
  }
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
  result.energy_by_component_pj = energy.price_all(result.actions, sram_geometry(spec));
  for (const auto& [component, pj] : result.energy_by_component_pj) result.energy_pj += pj;
  result.mapping = {{"loop_order", "stream"}};
  result.bounds = {{"dram", static_cast<double>(result.dram.total()) / memory.peak_bytes_per_cycle()}};
  result.per_image.assign(static_cast<std::size_t>(images), {static_cast<std::uint64_t>(end), result.energy_pj / static_cast<double>(images), result.dram.total() / count});
  return result;
}

}  // namespace rebasis::sim::smartdeal
