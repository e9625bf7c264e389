// Area of a design by component: SRAM macros from the CACTI sweep, logic from synthesised gates and a density of logic.
// docs/area.md says how and with what sources.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arch/area/breakdown.h"
#include "arch/area/gates.h"
#include "arch/area/logic.h"
#include "arch/energy/sram_banks.h"
#include "arch/system_spec.h"

namespace rebasis::arch {

/// Collects the components of a design. Those of no instances are left out.
class AreaSheet {
 public:
  explicit AreaSheet(const LogicDensity& density = LogicDensity::shipped()) : density_(density) {}

  /// SRAM by component.
  AreaSheet& srams(const std::vector<SramBanks>& memories);
  /// `instances` of a block.
  AreaSheet& blocks(const std::string& component, std::int64_t instances, const std::string& block,
                    const BlockParameters& parameters);
  /// The same with gates that were worked out from blocks.
  AreaSheet& gates(const std::string& component, std::int64_t instances, const std::string& block, const Gates& each);
  /// Pipeline registers: flip-flops that take a value in every cycle.
  AreaSheet& registers(const std::string& component, std::int64_t bits);
  /// What every accelerator has: DMA channels, loop controllers (one for the steps, one a buffer) and the weight
  /// decoder.
  AreaSheet& system(const SystemSpec& spec, std::int64_t buffers);
  AreaSheet& note(const std::string& text);

  [[nodiscard]] const AreaBreakdown& breakdown() const { return breakdown_; }

 private:
  void decoder(const DecoderSpec& spec);

  const LogicDensity& density_;
  AreaBreakdown breakdown_;
};

/// Of a bank at 28 nm, in mm2.
[[nodiscard]] double bank_mm2(const SramGeometry& bank);

/// The same design with other densities of logic; SRAM moves with the node.
[[nodiscard]] AreaBreakdown at_density(const AreaBreakdown& area, const LogicDensity& density);

/// Table for a terminal: component, instances, NAND2 equivalents, mm2, share; the sums and the notes.
[[nodiscard]] std::string to_text(const AreaBreakdown& area);

}  // namespace rebasis::arch
