// A mapped layer: what both fidelities run.
#pragma once

#include "sim/core/layer_plan.h"
#include "sim/core/sequence/step_plan.h"
#include "sim/pynq_ternary/kernel_map.h"

namespace rebasis::sim::pynq_ternary {

struct Job {
  const TernaryLayer& layer;
  const UnitTable& units;  ///< of a layer on the PEs
  const StepPlan& steps;
  const arch::PynqTernarySpec& spec;
  const CounterNames& names;
  [[nodiscard]] const LayerShape& shape() const { return layer.shape(); }
  /// A single output a filter: the PEs' loop runs over filters instead of the map.
  [[nodiscard]] bool loops_over_filters() const { return shape().E() * shape().F() == 1; }
  [[nodiscard]] bool on_pes() const { return layer.on_pes(spec); }
};

/// Whether the step's results leave through the output path, scaled.
[[nodiscard]] inline bool scales(const Step& step) { return !step.stores.empty() && step.tile.last_chunk; }
[[nodiscard]] inline std::int64_t outputs_of(const ConvTile& tile) {
  return tile.groups.size() * tile.filters.size() * tile.rows.size() * tile.columns.size();
}

/// A layer's run began `host.start` cycles before its first cycle here, and blocks that work across steps have accounts
/// of their own: makes the counters those of the whole. `scaling`: busy cycles of the output path; `beats`: of the AXI
/// channels.
void complete_run(const Job& job, LayerRun& run, std::int64_t scaling, std::int64_t beats);

}  // namespace rebasis::sim::pynq_ternary
