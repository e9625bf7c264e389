// The design of experiments behind Sobol indices, so that results can be taken apart again.
#pragma once

#include <cstdint>
#include <vector>

#include "dse/space.h"

namespace rebasis::dse {

/// Two independent samples A and B, and for every dimension i the sample AB_i: A with column i of B (Saltelli et al.,
/// "Variance based sensitivity analysis of model output", Computer Physics Communications 181, 2010).
struct SaltelliDesign {
  std::vector<Choice> a, b;             ///< `rows` each
  std::vector<std::vector<Choice>> ab;  ///< [dimension][row]
  /// Rows from one Sobol sequence of twice the dimensions, with a random shift.
  static SaltelliDesign draw(const Space& space, std::uint64_t rows, std::uint64_t seed);
};

/// Rows that `points` points pay for: each costs one of A, one of B and one of every AB_i.
[[nodiscard]] std::uint64_t saltelli_rows(const Space& space, std::int64_t points);

}  // namespace rebasis::dse
