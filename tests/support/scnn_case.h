// Random configurations of the SCNN accelerator, and one layer on it.
#pragma once

#include <memory>
#include <string>

#include "arch/scnn/spec.h"
#include "sim/scnn/plan.h"
#include "tests/support/model_equivalence.h"

namespace rebasis::test {

/// Every parameter varied.
arch::ScnnSpec random_scnn_spec(Dice& dice);
/// An unlimited memory and `rows` x `columns` PEs of `F` x `I` multipliers, all else as published.
arch::ScnnSpec plain_scnn_spec(std::int64_t rows, std::int64_t columns, std::int64_t F, std::int64_t I);
std::string describe(const arch::ScnnSpec& spec);

/// A layer on a configuration; both fidelities are run and compared by run().
class ScnnCase {
 public:
  /// Throws Error(infeasible).
  ScnnCase(const RandomDenseLayer& layer, const arch::ScnnSpec& spec);
  sim::LayerRun run();
  [[nodiscard]] std::uint64_t action(const sim::LayerRun& run, const std::string& name) const;
  [[nodiscard]] const sim::LayerPlan& plan() const { return *plan_; }

 private:
  arch::ScnnSpec spec_;
  sim::CounterNames names_;
  sim::Activations image_;
  std::unique_ptr<sim::LayerPlan> plan_;
};

}  // namespace rebasis::test
