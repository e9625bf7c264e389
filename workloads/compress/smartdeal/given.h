// Ce and B that a network brings along (rebasis train with sd_training) instead of a decomposition.
#pragma once

#include <string>
#include <vector>

#include "workloads/encode/smartdeal_form.h"
#include "workloads/factors.h"
#include "workloads/layer_shape.h"

namespace rebasis::compress::smartdeal {

/// Factors::elements for slices of a layout, [C/groups * R * S]; empty when no slice is padded.
[[nodiscard]] std::vector<std::int64_t> elements_of(const trace::SmartDealInfo& info, const LayerShape& shape);

/// The form with exactly the Ce of `factors`, and their B rounded to 8-bit fixed point, a scale a filter. Throws
/// Error(bad_input) that names `layer` when the slices are not those of `layout`, or Ce holds something else than 0 and
/// powers of two.
[[nodiscard]] encode::SmartDealForm form_of(const std::string& layer, const LayerShape& shape, const Factors& factors,
                                            const trace::SmartDealInfo& layout);

}  // namespace rebasis::compress::smartdeal
