// The area of the training accelerator by component.
#pragma once

#include "arch/area/area.h"
#include "arch/transposable/spec.h"

namespace rebasis::arch {

/// docs/area.md says which block stands for what.
[[nodiscard]] AreaBreakdown area_of(const TransposableSpec& spec);

}  // namespace rebasis::arch
