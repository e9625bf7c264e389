// What several layers cost together.
#pragma once

#include <vector>

#include "report/document.h"

namespace rebasis::report {

/// Sums over `layers`; utilisations are means weighted by cycles. Without a spread over the images, which the layers'
/// own spreads do not give.
[[nodiscard]] Figures totals_of(const std::vector<const LayerFigures*>& layers, double frequency_hz);

/// Sets time and rates from cycles, MACs and energy.
void derive_rates(Figures& figures, double frequency_hz);

}  // namespace rebasis::report
