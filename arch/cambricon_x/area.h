// The area of Cambricon-X by component.
#pragma once

#include "arch/area/area.h"
#include "arch/cambricon_x/spec.h"

namespace rebasis::arch {

/// docs/area.md says which block stands for what.
[[nodiscard]] AreaBreakdown area_of(const CambriconXSpec& spec);

}  // namespace rebasis::arch
