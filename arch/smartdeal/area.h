// The area of SmartDeal by component.
#pragma once

#include "arch/area/area.h"
#include "arch/smartdeal/spec.h"

namespace rebasis::arch {

/// docs/area.md says which block stands for what.
[[nodiscard]] AreaBreakdown area_of(const SmartDealSpec& spec);

}  // namespace rebasis::arch
