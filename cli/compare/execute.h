// Runs the commands of a comparison that are not done yet.
#pragma once

#include <string>
#include <vector>

#include "cli/compare/plan.h"
#include "report/comparison.h"

namespace rebasis::cli {

struct StepOutcome {
  int status = 0;  ///< exit status of the command; 0 also when its output was kept
  bool kept = false;
  std::string message;  ///< what it printed on standard error
};

struct CompareOutcome {
  std::vector<StepOutcome> traces;  ///< one each of ComparePlan::traces; given ones are done
  std::vector<StepOutcome> runs;    ///< one each of ComparePlan::runs
  /// 0, or the worst: an internal error (3) before bad input (2) before an infeasible design (1).
  [[nodiscard]] int status() const;
};

/// Compresses one after the other (each uses all cores), then simulates `jobs` at a time. Outputs with an equal key are
/// kept unless `fresh`. What fails is in the outcome, not thrown.
[[nodiscard]] CompareOutcome execute(const ComparePlan& plan, std::size_t jobs, bool fresh);

/// The command as a user types it.
[[nodiscard]] std::string as_typed(const CompareStep& step);

/// Results and traces are read, failures described.
[[nodiscard]] report::ComparisonInput read_outcome(const ComparePlan& plan, const CompareOutcome& outcome);

}  // namespace rebasis::cli
