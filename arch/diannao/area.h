// The area of DianNao by component.
#pragma once

#include "arch/area/area.h"
#include "arch/diannao/spec.h"

namespace rebasis::arch {

/// docs/area.md says which block stands for what.
[[nodiscard]] AreaBreakdown area_of(const DianNaoSpec& spec);

/// NFU-1 to NFU-3, for the designs that are built around them.
void add_nfu(AreaSheet& sheet, const DianNaoSpec& spec);

}  // namespace rebasis::arch
