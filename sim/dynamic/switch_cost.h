// What a switch costs on a configured accelerator: cycles and joules by its own DMA, memory, clock and prices.
#pragma once

#include <map>
#include <string>

#include "sim/accelerator.h"
#include "sim/dynamic/switch_plan.h"

namespace rebasis::sim {

struct SwitchCost {
  std::uint64_t cycles = 0;
  double energy_pj = 0;
  std::map<std::string, double> energy_by_component_pj;
  std::map<std::string, std::uint64_t> actions;
  CycleSplit causes;  ///< of the switch unit; sums to `cycles`
  SwitchBytes bytes;
};

/// Parameters of the trace in the accelerator's layout. Throws Error(infeasible) as Accelerator::simulate does.
[[nodiscard]] ParameterBytes parameter_bytes(const Accelerator& accelerator, const trace::TraceReader& trace);

/// Clock of the accelerator, Hz.
[[nodiscard]] double frequency_of(const Accelerator& accelerator);

/// Runs the switch. Nothing else uses the DMA or the memory meanwhile, and the memory begins idle, as for a layer.
[[nodiscard]] SwitchCost switch_cost(const Accelerator& accelerator, const SwitchPlan& plan, const SwitchSpec& spec,
                                     Fidelity fidelity);

}  // namespace rebasis::sim
