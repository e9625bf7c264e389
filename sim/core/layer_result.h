// From counters to the figures that users see.
#pragma once

#include "arch/energy/energy_table.h"
#include "sim/core/layer_plan.h"
#include "sim/result.h"

namespace rebasis::sim {

/// Cycles by cause of an average copy of the first block among those that had work, rounded so that they sum to the
/// image's cycles (largest remainders). An image without any work waited for the DRAM only.
[[nodiscard]] CycleSplit average_copy(const Counters& image);

/// What of the configuration the results need.
struct Pricing {
  const CounterNames& names;
  const arch::EnergyTable& energy;
  arch::EnergyTable::Srams srams;
  double dram_bytes_per_cycle = 0;
};

/// Adds up the images of a layer.
class LayerResultBuilder {
 public:
  LayerResultBuilder(const LayerPlan& plan, Pricing pricing);
  void add(const Counters& image);
  [[nodiscard]] LayerResult finish();

 private:
  [[nodiscard]] std::map<std::string, std::uint64_t> actions_of(const Counters& counters) const;
  void add_bounds();
  void add_blocks();

  const LayerPlan& plan_;
  Pricing pricing_;
  Counters sum_;
  LayerResult result_;
};

}  // namespace rebasis::sim
