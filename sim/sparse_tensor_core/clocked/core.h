// The datapath cycle by cycle: NBin, SB, index buffer, operand selectors and multipliers, and behind them DianNao's
// adder trees, NFU-3 and NBout, a shell each.
#pragma once

#include "sim/core/sequence/clocked.h"
#include "sim/diannao/clocked/nbout.h"
#include "sim/diannao/clocked/nfu.h"
#include "sim/sparse_tensor_core/clocked/multipliers.h"

namespace rebasis::sim::sparse_tensor_core {

class Core : public StepCore {
 public:
  /// All outlive the core.
  Core(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern,
       const CounterNames& names, const StepPlan& plan, const Activations& image);

  [[nodiscard]] std::size_t shells() const override { return shell_count; }
  void evaluate(std::size_t shell, Cycle now) override;
  std::vector<std::int64_t> take_outputs() override { return nbout_.take_outputs(); }
  [[nodiscard]] const Counters& counters() const override { return counters_; }
  [[nodiscard]] std::string state() const override;
  [[nodiscard]] std::vector<int> probes() const override;

 protected:
  Progress advance(Cycle now) override;

 private:
  enum Shell : std::size_t {
    nbin_shell,
    sb_shell,
    index_shell,
    select_shell,
    nfu1_shell,
    nfu2_shell,
    nfu3_shell,
    nbout_shell,
    shell_count
  };
  /// What the buffers read in this cycle.
  [[nodiscard]] RowOperation issued() const { return active() ? loop_.operation() : RowOperation{}; }
  /// What NFU-2 adds to its sums in the next cycle.
  [[nodiscard]] const diannao::Operation& upcoming_addition() const;
  void charge(const RowOperation& row);

  const LayerShape& shape_;
  const arch::SparseTensorCoreSpec& spec_;
  const Pattern& pattern_;
  const StepPlan& plan_;
  Counters counters_;
  GroupLoop loop_;
  RowOperation shown_;  ///< whose rows the buffers show
  Nbin nbin_;
  Sb sb_;
  IndexBuffer index_;
  Selectors selectors_;
  Multipliers nfu1_;
  diannao::Nfu2 nfu2_;
  diannao::Nfu3 nfu3_;
  diannao::Nbout nbout_;
  std::vector<bool> ended_;   ///< by step
  std::size_t in_order_ = 0;  ///< steps whose results, and those of all before, are in NBout
};

}  // namespace rebasis::sim::sparse_tensor_core
