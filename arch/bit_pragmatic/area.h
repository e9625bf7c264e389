// The area of Bit-Pragmatic by component.
#pragma once

#include "arch/area/area.h"
#include "arch/bit_pragmatic/spec.h"

namespace rebasis::arch {

/// docs/area.md says which block stands for what.
[[nodiscard]] AreaBreakdown area_of(const BitPragmaticSpec& spec);

}  // namespace rebasis::arch
