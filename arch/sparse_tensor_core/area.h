// The area of the sparse tensor core by component.
#pragma once

#include "arch/area/area.h"
#include "arch/sparse_tensor_core/spec.h"

namespace rebasis::arch {

/// docs/area.md says which block stands for what.
[[nodiscard]] AreaBreakdown area_of(const SparseTensorCoreSpec& spec);

}  // namespace rebasis::arch
