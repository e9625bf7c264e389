// SmartDeal's layers in the common form (sim/core/layer_plan.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "arch/energy/energy_table.h"
#include "arch/smartdeal/spec.h"
#include "sim/core/layer_plan.h"
#include "sim/smartdeal/counters.h"
#include "sim/smartdeal/fast.h"

namespace rebasis::sim::smartdeal {

/// Names in the order of `generic()`.
[[nodiscard]] CounterNames counter_names(const arch::SmartDealSpec& spec);
/// The same counters in the common form.
[[nodiscard]] sim::Counters generic(const Counters& counters, const CounterNames& names);

/// Capacity and port width of a bank of each buffer, which set its price.
[[nodiscard]] arch::EnergyTable::Srams sram_geometry(const arch::SmartDealSpec& spec);

/// Shells of the clocked machine and its waveform.
[[nodiscard]] std::vector<std::string> shell_names(const arch::SmartDealSpec& spec);
[[nodiscard]] std::vector<std::string> probe_names(const arch::SmartDealSpec& spec);

/// Maps the layer. `spec` and `names` outlive the plan.
[[nodiscard]] std::unique_ptr<LayerPlan> make_plan(LayerData layer, const arch::SmartDealSpec& spec,
                                                   const CounterNames& names, const MemorySpeed& memory);

}  // namespace rebasis::sim::smartdeal
