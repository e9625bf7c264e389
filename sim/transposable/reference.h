// The arithmetic that a clocked run must reproduce: the three passes as loops written straight from their definitions
// (job.h), on dense weights.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/transposable/job.h"

namespace rebasis::sim::transposable {

/// Values of a pass, as integers.
struct Operands {
  std::vector<std::int32_t> x;   ///< [images][C][H][W]
  std::vector<std::int32_t> w;   ///< [M][C/groups][R][S]; of a factored layer what Ce and B rebuild to
  std::vector<std::int32_t> dy;  ///< [images][M][E][F]
};

/// Y [images][M][E][F], dX [images][C][H][W], or dW [M][C/groups][R][S] followed by db [M] (each when it is wanted).
[[nodiscard]] std::vector<std::int64_t> reference_pass(const Job& job, const Operands& operands);

/// First value that differs, in words; empty when all are equal.
[[nodiscard]] std::string compare_values(const Job& job, const std::vector<std::int64_t>& outputs,
                                         const std::vector<std::int64_t>& expected);

}  // namespace rebasis::sim::transposable
