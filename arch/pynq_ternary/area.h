// The area of the ternary accelerator as if it were an ASIC by component.
#pragma once

#include "arch/area/area.h"
#include "arch/pynq_ternary/spec.h"

namespace rebasis::arch {

/// docs/area.md says which block stands for what.
[[nodiscard]] AreaBreakdown area_of(const PynqTernarySpec& spec);

}  // namespace rebasis::arch
