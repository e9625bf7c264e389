// DianNao's datapath cycle by cycle: NBin, SB, NFU-1, NFU-2, NFU-3 and NBout, a shell each.
#pragma once

#include "sim/core/sequence/clocked.h"
#include "sim/diannao/clocked/nbout.h"
#include "sim/diannao/clocked/nfu.h"
#include "sim/diannao/clocked/tile_loop.h"

namespace rebasis::sim::diannao {

class Core : public StepCore {
 public:
  /// All outlive the core.
  Core(const DenseLayer& layer, const arch::DianNaoSpec& spec, const CounterNames& names, const StepPlan& plan,
       const Activations& image);

  [[nodiscard]] std::size_t shells() const override { return shell_count; }
  void evaluate(std::size_t shell, Cycle now) override;
  std::vector<std::int64_t> take_outputs() override { return nbout_.take_outputs(); }
  [[nodiscard]] const Counters& counters() const override { return counters_; }
  [[nodiscard]] std::string state() const override;
  [[nodiscard]] std::vector<int> probes() const override;

 protected:
  Progress advance(Cycle now) override;

 private:
  enum Shell : std::size_t { nbin_shell, sb_shell, nfu1_shell, nfu2_shell, nfu3_shell, nbout_shell, shell_count };
  /// What is read from NBin and SB in this cycle.
  [[nodiscard]] Operation issued() const;
  /// What NFU-2 adds to its sums in the next cycle.
  [[nodiscard]] const Operation& upcoming_addition() const;
  void charge(const Operation& op);

  const LayerShape& shape_;
  const arch::DianNaoSpec& spec_;
  const CounterNames& names_;
  const StepPlan& plan_;
  Counters counters_;
  TileLoop loop_;
  Nbin nbin_;
  Sb sb_;
  Nfu1 nfu1_;
  Nfu2 nfu2_;
  Nfu3 nfu3_;
  Nbout nbout_;
  std::vector<bool> ended_;   ///< by step
  std::size_t in_order_ = 0;  ///< steps whose results, and those of all before, are in NBout
};

}  // namespace rebasis::sim::diannao
