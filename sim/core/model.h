// What every accelerator does with a trace: prepare all layers, run them in SystemC, price and report. A model derives
// from AcceleratorModel, says what it is, and makes a LayerPlan of each layer (docs/extending.md).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arch/area/breakdown.h"
#include "arch/energy/energy_table.h"
#include "sim/accelerator.h"
#include "sim/core/layer_plan.h"
#include "sim/core/layer_result.h"
#include "sim/core/memo.h"
#include "sim/core/system.h"

namespace rebasis::sim {

namespace systemc {
class Top;
}

/// A configured accelerator without its behaviour.
struct ModelDescription {
  std::string name;                                      ///< preset or file
  std::string module;                                    ///< name of the SystemC top module
  std::map<std::string, std::string> parameters;         ///< every resolved parameter, printable with unit
  std::map<std::string, std::string> timing_parameters;  ///< those that are not mapping_only (arch/parameter_value.h)
  arch::SystemSpec system;
  std::int64_t element_bytes = 1;  ///< of an activation, for the operators between layers
  double peak_macs_per_cycle = 0;  ///< roof of computed MACs a cycle
  arch::AreaBreakdown area;
  CounterNames names;
  arch::EnergyTable::Srams srams;           ///< capacity and port of a bank of each buffer: sets its price
  std::vector<std::string> shells, probes;  ///< of the clocked machine
  std::vector<std::string> notes;           ///< shown with every result
};

class AcceleratorModel : public Accelerator {
 public:
  AcceleratorModel(ModelDescription description, arch::EnergyTable energy);

  Result simulate(const trace::TraceReader& trace, const SimulateOptions& options) override;
  std::vector<LayerVerdict> verify(const trace::TraceReader& trace, const VerifyOptions& options) override;

  // For what happens between inferences (sim/dynamic).
  [[nodiscard]] const arch::SystemSpec& system() const { return description_.system; }
  [[nodiscard]] const arch::EnergyTable& prices() const { return energy_; }
  /// Parameters of each layer that the accelerator runs, in its own layout, each once: `weights`, `basis` and `index`.
  [[nodiscard]] std::map<std::string, DramBytes> parameter_bytes(const trace::TraceReader& trace) const;

 protected:
  /// Why the accelerator cannot run the layer at all; such a layer is reported and left out.
  [[nodiscard]] virtual std::optional<std::string> unsupported(const trace::LayerInfo&) const { return std::nullopt; }
  /// Loads and maps a layer. Throws Error(infeasible) that names the layer, the buffer and what it would need.
  [[nodiscard]] virtual std::unique_ptr<LayerPlan> plan(const trace::TraceReader& trace,
                                                        const trace::LayerInfo& info) const = 0;

  [[nodiscard]] const ModelDescription& description() const { return description_; }
  [[nodiscard]] const MemorySpeed& memory() const { return memory_; }
  // For a model whose work is not one plan a layer, and that has its own simulate() and verify().
  [[nodiscard]] const arch::EnergyTable& energy() const { return energy_; }
  /// A result without layers.
  [[nodiscard]] Result header(const trace::TraceReader& trace, const SimulateOptions& options) const;
  [[nodiscard]] std::unique_ptr<systemc::Top> make_top(bool clocked) const;

 private:
  /// Traffic of the operators behind layer `after` ("": before the first).
  void add_auxiliaries(const trace::TraceReader& trace, const std::string& after, std::int64_t images,
                       systemc::Top& top, Result& result);
  /// Reads and maps every layer, so that a design that cannot run one is refused before the first is simulated.
  [[nodiscard]] std::vector<std::unique_ptr<LayerPlan>> prepare(const trace::TraceReader& trace,
                                                                const std::vector<std::string>& wanted,
                                                                Result* result) const;
  /// Names all that decides what `run_fast` counts: content, mapping and the parameters that matter.
  [[nodiscard]] std::string memo_key(const std::string& content, const LayerPlan& plan) const;
  [[nodiscard]] Counters remembered_run(LayerMemo& memo, const std::string& key, const LayerPlan& plan,
                                        const Activations& image, systemc::Top& top) const;
  LayerResult simulate_layer(const trace::TraceReader& trace, LayerPlan& plan, systemc::Top& top,
                             const SimulateOptions& options);
  [[nodiscard]] LayerVerdict verify_layer(const trace::TraceReader& trace, const LayerPlan& plan, std::int64_t image,
                                          systemc::Top& top) const;

  ModelDescription description_;
  arch::EnergyTable energy_;
  MemorySpeed memory_;
  std::uint64_t timeline_clock_ = 0;
};

}  // namespace rebasis::sim
