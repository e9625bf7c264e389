// SCNN's layers in the common form (sim/core/layer_plan.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arch/energy/energy_table.h"
#include "arch/scnn/spec.h"
#include "sim/core/dense_layer.h"
#include "sim/core/layer_plan.h"
#include "sim/scnn/counters.h"

namespace rebasis::sim::scnn {

/// Capacity and port width of a bank of each buffer, which set its price.
[[nodiscard]] arch::EnergyTable::Srams sram_geometry(const arch::ScnnSpec& spec);
[[nodiscard]] std::vector<std::string> shell_names(const arch::ScnnSpec& spec);
[[nodiscard]] std::vector<std::string> probe_names(const arch::ScnnSpec& spec);

/// Why SCNN cannot run such a layer; empty when it can.
[[nodiscard]] std::optional<std::string> unsupported_layer(const trace::LayerInfo& info, const arch::ScnnSpec& spec);

/// Maps the layer so that each of `images` fits. `output_density`: non-zero results, when their reader is known. `spec`
/// and `names` outlive the plan.
[[nodiscard]] std::unique_ptr<LayerPlan> make_plan(DenseLayer layer, const std::vector<Activations>& images,
                                                   std::optional<double> output_density, const arch::ScnnSpec& spec,
                                                   const CounterNames& names);

}  // namespace rebasis::sim::scnn
