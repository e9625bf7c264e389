// What a study found: its front, hypervolume and best points; and how two studies compare.
#pragma once

#include <optional>
#include <vector>

#include "dse/results/hypervolume.h"
#include "dse/results/results.h"

namespace rebasis::dse {

struct Findings {
  std::vector<std::size_t> front;  ///< rows of the Pareto front of admissible points, ascending
  Box box;                         ///< of the front; costs
  double volume = 0;               ///< of the front in `box`
  std::vector<Progress> history;   ///< over the points that are done, in the order of their ids
  std::vector<std::optional<std::size_t>>
      best;  ///< row of the best admissible point of each objective; lowest id first
};
[[nodiscard]] Findings find(const StudyResults& results);

/// Two studies with the same objectives, measured in the box of both fronts together.
struct StudyComparison {
  Box box;
  double volume_a = 0, volume_b = 0;
  /// Share of the other's front that a front dominates or equals (Zitzler and Thiele's coverage, 1999).
  double a_covers_b = 0, b_covers_a = 0;
  std::size_t together = 0, from_a = 0, from_b = 0;  ///< points on the front of both; equal points count for each
};
/// Throws Error(bad_input) when the objectives differ.
[[nodiscard]] StudyComparison compare(const StudyResults& a, const StudyResults& b);

}  // namespace rebasis::dse
