// A study's results for a terminal.
#pragma once

#include <string>

#include "dse/results/summary.h"

namespace rebasis::report {

/// Points by status, reasons of infeasible ones, front (at most 20 rows), best points, hypervolume, sensitivity.
[[nodiscard]] std::string study_summary(const dse::StudyResults& results, const dse::Findings& findings);

/// The best admissible point of each objective, with its configuration and the command that replays it.
[[nodiscard]] std::string best_points(const dse::StudyResults& results, const dse::Findings& findings);

/// Fronts, hypervolumes in one box, coverage.
[[nodiscard]] std::string study_comparison(const dse::StudyResults& a, const dse::StudyResults& b);

}  // namespace rebasis::report
