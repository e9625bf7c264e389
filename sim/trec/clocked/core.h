// The datapath with the reuse unit in front, cycle by cycle: DianNao's blocks and the unit's, a shell each.
#pragma once

#include "sim/core/sequence/clocked.h"
#include "sim/diannao/clocked/nbout.h"
#include "sim/diannao/clocked/nfu.h"
#include "sim/trec/clocked/centroids.h"
#include "sim/trec/clocked/gather.h"

namespace rebasis::sim::trec {

class ReuseCore : public StepCore {
 public:
  /// All outlive the core. `slice`: columns of a slice.
  ReuseCore(const ReuseLayer& layer, const arch::TrecSpec& spec, const CounterNames& names, const ReuseSteps& steps,
            std::int64_t slice, const Activations& image);

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
    nfu1_shell,
    nfu2_shell,
    nfu3_shell,
    nbout_shell,
    hash_shell,
    accumulator_shell,
    divider_shell,
    gather_shell,
    shell_count
  };
  void begin_step(std::size_t step);

  const ReuseLayer& layer_;
  const ReuseSteps& steps_;
  std::int64_t slice_;
  LayerShape flat_;  ///< the product as NFU-1 sees it: one group
  Counters counters_;
  StepWork work_;
  Done done_;
  BeatReader nbin_;
  HashLanes lanes_;
  Accumulators accumulators_;
  Dividers dividers_;
  CentroidReader sb_;
  diannao::Nfu1 nfu1_;
  diannao::Nfu2 nfu2_;
  ProductStore products_;
  Gather gather_;
  diannao::Nfu3 nfu3_;
  diannao::Nbout nbout_;
};

}  // namespace rebasis::sim::trec
