// The interactive page of a study: one HTML file that opens from a disk and loads nothing.
#pragma once

#include <string>

#include "dse/results/summary.h"

namespace rebasis::report {

/// `other`: a second study whose front and hypervolume the page shows beside; null for none. Reads breakdowns by layer
/// from the store: those of the front first, then of other points until the page holds as many as it can show; the page
/// says how many.
[[nodiscard]] std::string study_page(const dse::StudyResults& results, const dse::Findings& findings,
                                     const dse::StudyResults* other = nullptr);

}  // namespace rebasis::report
