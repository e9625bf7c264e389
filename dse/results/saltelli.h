// Sobol indices from Saltelli's design, by Jansen's estimators.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "dse/strategies/sensitivity.h"

namespace rebasis::dse {

struct SobolIndices {
  std::vector<std::optional<double>> first_order, total;  ///< of each dimension; empty where no two rows are complete
  std::size_t rows = 0;                                   ///< of A and B with a value in both
};

/// `value`: of a choice, or nothing when the point is not done; rows with such a point do not count.
/// S_i = 1 - E[(f(B) - f(AB_i))^2] / 2V, S_Ti = E[(f(A) - f(AB_i))^2] / 2V (Jansen, Computer Physics Communications
/// 117, 1999; Saltelli et al., 2010, Table 2), V over A and B together, clamped to [0, 1].
[[nodiscard]] SobolIndices sobol_indices(const SaltelliDesign& design,
                                         const std::function<std::optional<double>(const Choice&)>& value);

}  // namespace rebasis::dse
