// What a design costs, known from its parameters alone: a study bounds it before anything is simulated.
#pragma once

#include <cstdint>

#include "arch/area/breakdown.h"

namespace rebasis::arch {

/// docs/studies.md, "Facts of a design", says what each counts.
struct DesignFacts {
  std::int64_t multipliers = 0;  ///< MACs that work at once: multipliers, or bit-serial MACs
  std::int64_t sram_bytes = 0;   ///< capacity of all on-chip buffers
  AreaBreakdown area;            ///< docs/area.md
};

}  // namespace rebasis::arch
