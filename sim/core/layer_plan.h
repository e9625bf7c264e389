// One layer of a trace, loaded and mapped on a configured accelerator.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/core/activations.h"
#include "sim/core/machine.h"

namespace rebasis::sim {

class LayerPlan {
 public:
  virtual ~LayerPlan() = default;
  [[nodiscard]] virtual const trace::LayerInfo& info() const = 0;
  /// Loop order, tile sizes, passes: printable.
  [[nodiscard]] virtual std::map<std::string, std::string> describe() const = 0;
  /// Traffic of one image that any mapping must move: each tensor once.
  [[nodiscard]] virtual DramBytes compulsory_traffic() const = 0;
  /// Lower bounds on the cycles of `images` images from the work in `sum`, without the DRAM's.
  [[nodiscard]] virtual std::vector<Bound> bounds(const Counters& sum, std::int64_t images) const = 0;
  /// Multiplier-cycles that did useful work / all of them, from the counters of `images` images.
  [[nodiscard]] virtual double mac_utilisation(const Counters& sum) const = 0;
  /// What else to say of the layer (sparsity found, groups skipped ...).
  [[nodiscard]] virtual std::map<std::string, double> statistics() const { return {}; }
  /// The same, as found by a run.
  [[nodiscard]] virtual std::map<std::string, double> measured(const Counters& /*sum*/) const { return {}; }

  [[nodiscard]] virtual LayerRun run_fast(const Activations& image, const DramPort& port, bool keep_steps) const = 0;
  /// Refers to the plan and the image. `load_values()` was called.
  [[nodiscard]] virtual std::unique_ptr<Machine> machine(const Activations& image, const DramPort& port) const = 0;
  /// Reads what only `clocked` needs (idempotent).
  virtual void load_values() {}
  /// Weights as the integers that the outputs are sums of, [M][C/groups][R][S]; after load_values().
  [[nodiscard]] virtual std::vector<std::int32_t> integer_weights() const = 0;
  /// What `clocked` must compute, [M][E][F], without bias: the convolution of the weights, unless the machine computes
  /// something else on purpose; after load_values().
  [[nodiscard]] virtual std::vector<std::int64_t> expected_outputs(const Activations& image) const;
  /// Text that, with the layer's content and the parameters that are not mapping_only (arch/parameter_value.h), decides
  /// what run_fast counts: equal texts, equal counters. Empty: the model does not say, so every parameter counts.
  [[nodiscard]] virtual std::string mapping_identity() const { return {}; }
  /// A piece of work in words, for the timeline and `verify`.
  [[nodiscard]] virtual std::string step_name(const StepTimes& step) const {
    return "step " + std::to_string(step.block);
  }
};

/// What the mapper's estimate knows about the memory.
struct MemorySpeed {
  double bytes_per_cycle = 0;  ///< peak
  double latency = 0;          ///< cycles of a first, short read
};
/// Asks a model; leaves it reset.
[[nodiscard]] MemorySpeed speed_of(DramModel& memory);

}  // namespace rebasis::sim
