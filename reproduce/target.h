// A table or figure of a paper that can be reproduced. A target is two files and nothing else:
//   reproduce/published/NAME.yaml    what the paper says (table.h)
//   reproduce/targets/NAME.cpp       how ours is computed, and a TargetRegistration
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reproduce/lab.h"
#include "reproduce/outcome.h"
#include "reproduce/table.h"

namespace rebasis::reproduce {

/// Fills rows, verdicts, sensitivity, figures; what the published table says of itself is filled in already.
using Compute = std::function<void(const Table& published, Lab& lab, Outcome& outcome)>;

struct Target {
  std::string name;  ///< PAPER-PLACE: "smartdeal-fig8"
  int order = 0;     ///< place in lists and in docs/validation.md
  Compute compute;
};

struct TargetRegistration {
  explicit TargetRegistration(Target target);
};

/// All, by order.
[[nodiscard]] std::vector<Target> targets();
/// Those that the words name, by order: a name, or the beginning of names up to a hyphen ("smartdeal"). No word: all.
/// Fails (bad input) on a word that names none.
[[nodiscard]] std::vector<Target> chosen_targets(const std::vector<std::string>& words);

[[nodiscard]] Outcome reproduce(const Target& target, Lab& lab);

}  // namespace rebasis::reproduce
