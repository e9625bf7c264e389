// A pass of a layer in the common form (sim/core/layer_plan.h). Its "image" is a whole training step's batch: the plan
// has its own operands, and the image that the interface passes on is not read.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/core/layer_plan.h"
#include "sim/transposable/job.h"
#include "sim/transposable/reference.h"

namespace rebasis::sim::transposable {

/// Makes the values of a pass when `clocked` asks for them.
using OperandSource = std::function<Operands(const Job&)>;

class PassPlan : public LayerPlan {
 public:
  [[nodiscard]] virtual const Job& job() const = 0;
  /// Names of what it counts; the update's differ from the array's.
  [[nodiscard]] virtual const CounterNames& names() const = 0;
  [[nodiscard]] virtual std::size_t shells() const = 0;
  /// After load_values(): what the clocked run must have computed; empty for an update.
  [[nodiscard]] virtual std::vector<std::int64_t> expected() const = 0;

  [[nodiscard]] std::vector<std::int32_t> integer_weights() const override { return {}; }
};

/// Names of the counters of both kinds of passes.
struct PassNames {
  explicit PassNames(const arch::TransposableSpec& spec);
  CounterNames array, update;
};

/// Shells of the clocked machine of a pass on the array, and its waveform.
[[nodiscard]] std::vector<std::string> shell_names();
[[nodiscard]] std::vector<std::string> probe_names();

/// Maps the pass. `layer` is shared; `spec` and `names` outlive the plan. Throws Error(infeasible) that names layer,
/// pass and buffers.
[[nodiscard]] std::unique_ptr<PassPlan> make_plan(std::shared_ptr<const TrainedLayer> layer, Job job,
                                                  const arch::TransposableSpec& spec, const PassNames& names,
                                                  const MemorySpeed& memory, OperandSource operands);

}  // namespace rebasis::sim::transposable
