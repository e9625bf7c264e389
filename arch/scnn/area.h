// The area of SCNN by component.
#pragma once

#include "arch/area/area.h"
#include "arch/scnn/spec.h"

namespace rebasis::arch {

/// docs/area.md says which block stands for what.
[[nodiscard]] AreaBreakdown area_of(const ScnnSpec& spec);

}  // namespace rebasis::arch
