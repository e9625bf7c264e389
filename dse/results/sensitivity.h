// Which dimension matters: one-at-a-time effects and Sobol indices, from the points that a study has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dse/results/results.h"

namespace rebasis::dse {

/// grid: the points are every combination of their values, and indices are exact conditional variances. binned: they
/// are a sample, and first-order indices are estimated from means over the values of a dimension. saltelli: they are
/// the design of that strategy, and its estimators are used (dse/results/saltelli.h).
enum class VarianceMethod { none, grid, binned, saltelli };
[[nodiscard]] const char* to_text(VarianceMethod method);

/// Of one dimension on one metric. A part that the points do not allow is empty.
struct Effect {
  std::string name;
  std::optional<double> first_order;  ///< Var(E[y | dimension]) / Var(y), Sobol's S
  std::optional<double> total;        ///< E[Var(y | all other dimensions)] / Var(y), Sobol's S_T; of a grid alone
  /// Range of y among points that differ in this dimension alone, mean over such groups, as a share of y's whole range.
  std::optional<double> one_at_a_time;
  std::size_t groups = 0;  ///< of such points
};

struct Sensitivity {
  std::string metric;
  VarianceMethod method = VarianceMethod::none;
  std::size_t points = 0;
  std::vector<Effect> effects;  ///< of the dimensions that take two values or more
};

/// A dimension over some points: `codes` below `levels`, in ascending order of what they stand for.
struct Factor {
  std::string name;
  std::size_t levels = 0;
  std::vector<std::uint32_t> codes;
};

/// Of `y` (finite, one a point) on the factors. Points are distinct.
[[nodiscard]] Sensitivity analyse(const std::vector<Factor>& factors, const std::vector<double>& y);

/// Of a metric over all points that are done, whatever the constraints: those would cut the grid.
[[nodiscard]] Sensitivity sensitivity(const StudyResults& results, std::size_t metric);

}  // namespace rebasis::dse
