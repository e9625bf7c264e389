// The area of the accelerator with a reuse unit by component.
#pragma once

#include "arch/area/area.h"
#include "arch/trec/spec.h"

namespace rebasis::arch {

/// docs/area.md says which block stands for what.
[[nodiscard]] AreaBreakdown area_of(const TrecSpec& spec);

}  // namespace rebasis::arch
