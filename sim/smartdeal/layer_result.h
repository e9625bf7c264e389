// From counters to the figures that users see.
#pragma once

#include <cstdint>

#include "arch/energy/energy_table.h"
#include "arch/smartdeal/spec.h"
#include "sim/result.h"
#include "sim/smartdeal/counters.h"
#include "sim/smartdeal/layer_data.h"
#include "sim/smartdeal/mapping.h"

namespace rebasis::sim::smartdeal {

/// Capacity and port width of a bank of each buffer, which set its price.
[[nodiscard]] arch::EnergyTable::Srams sram_geometry(const arch::SmartDealSpec& spec);

/// Cycles by cause of an average PE line among those that had work, rounded so that they sum to the image's cycles
/// (largest remainders). An image without any work waited for the DRAM only.
[[nodiscard]] CycleSplit average_line(const Counters& image);

/// Adds up the images of a layer.
class LayerResultBuilder {
 public:
  LayerResultBuilder(const LayerData& layer, const Mapping& mapping, const arch::SmartDealSpec& spec, const arch::EnergyTable& energy,
                     double dram_bytes_per_cycle);
  void add(const Counters& image);
  [[nodiscard]] LayerResult finish();

 private:
  void add_bounds();
  void add_blocks();

  const LayerData& layer_;
  const arch::SmartDealSpec& spec_;
  const arch::EnergyTable& energy_;
  double dram_bytes_per_cycle_;
  Counters sum_;
  LayerResult result_;
};

}  // namespace rebasis::sim::smartdeal
