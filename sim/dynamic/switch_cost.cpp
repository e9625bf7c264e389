#include "sim/dynamic/switch_cost.h"

#include "common/error.h"
#include "sim/core/model.h"

namespace rebasis::sim {
namespace {

constexpr std::uint32_t table_port_bits = 64;

const AcceleratorModel& model_of(const Accelerator& accelerator) {
  const auto* model = dynamic_cast<const AcceleratorModel*>(&accelerator);
  if (model == nullptr) fail_internal("the accelerator's DMA and memory are not known");
  return *model;
}

}  // namespace

ParameterBytes parameter_bytes(const Accelerator& accelerator, const trace::TraceReader& trace) {
  return model_of(accelerator).parameter_bytes(trace);
}

double frequency_of(const Accelerator& accelerator) { return model_of(accelerator).system().frequency_hz; }

SwitchCost switch_cost(const Accelerator& accelerator, const SwitchPlan& plan, const SwitchSpec& spec,
                       Fidelity fidelity) {
  const AcceleratorModel& model = model_of(accelerator);
  const CounterNames names = switch_names();
  const SwitchTiming timing(spec, model.system().frequency_hz);
  const auto memory = make_dram(dram_spec(model.system()));
  const auto run = fidelity == Fidelity::clocked ? run_switch_clocked : run_switch_fast;
  const Counters counters = run(plan, timing, names, dma_limits(model.system()), port_to(*memory)).counters;
  SwitchCost cost;
  cost.cycles = static_cast<std::uint64_t>(counters.cycles);
  cost.bytes = plan.bytes;
  for (std::size_t i = 0; i < counters.actions.size(); ++i) {
    if (counters.actions[i] != 0) cost.actions[names.actions[i]] = counters.actions[i];
  }
  const arch::EnergyTable::Srams srams{
      {"layer_table", {static_cast<std::uint64_t>(spec.table_bytes), table_port_bits}}};
  cost.energy_by_component_pj = model.prices().price_all(cost.actions, srams);
  for (const auto& [component, pj] : cost.energy_by_component_pj) cost.energy_pj += pj;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Cause::count); ++i) {
    const std::int64_t cycles = counters.blocks.front()[Cause{i}];
    if (cycles != 0) cost.causes[name(Cause{i})] = static_cast<std::uint64_t>(cycles);
  }
  return cost;
}

}  // namespace rebasis::sim
