// Options that prune_regrow and sub_nets share.
#pragma once

#include <cstdint>
#include <string>

#include "arch/parameter.h"

namespace rebasis::train {

struct RegrowOptions {
  double initial_sparsity = 0;
  std::string growth;
  double growth_end = 0;
  std::int64_t update_steps = 0;
  double regrow = 0;
  std::string candidates;
  bool keep_first = true, keep_last = false, keep_depthwise = true;
};

[[nodiscard]] const arch::ParameterSet<RegrowOptions>& regrow_parameters();

/// When a net's sparsity rises and how far. Steps count from the start of the run.
struct GrowthPlan {
  double initial = 0, target = 0;  ///< share of the units that is pruned, first and last
  bool cosine = false;             ///< else cubic
  std::int64_t period = 1;         ///< steps between two updates
  std::int64_t offset = 0;         ///< the updates come at period + offset, 2 period + offset, ...
  std::int64_t rises = 1;          ///< updates until the target is reached

  [[nodiscard]] bool due(std::int64_t step, std::int64_t updates) const {
    return step >= (updates + 1) * period + offset;
  }
  /// The pruned share after so many updates.
  [[nodiscard]] double level(std::int64_t updates) const;
};

/// The share of the remaining units that an update exchanges: falls as a cosine to zero over the run (3.4.1).
[[nodiscard]] double regrow_share(const RegrowOptions& options, double progress);

/// The plan of a run of `steps` steps; the net takes part in one step of `cycle` at least. Throws Error(bad_input) when
/// the run ends before the target is reached.
[[nodiscard]] GrowthPlan plan_growth(const RegrowOptions& options, double initial, double target, std::int64_t offset,
                                     std::int64_t period, std::int64_t steps, std::int64_t cycle);

}  // namespace rebasis::train
