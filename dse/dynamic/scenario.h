// A script: frames that arrive, and what may be spent on them, over time. docs/dynamic-inference.md, "The script".
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "arch/config.h"
#include "sim/dynamic/switch_spec.h"

namespace rebasis::dynamic {

inline constexpr double unlimited = std::numeric_limits<double>::infinity();

/// What holds from `from_s` until the next piece begins.
struct BudgetPiece {
  double from_s = 0;
  double latency_s = unlimited;  ///< from a frame's arrival until its result
  double power_w = unlimited;    ///< of a frame: its energy over the time until the next one, or over its own if longer
  double rate_hz = 0;            ///< frames that arrive in a second
};

/// A governor that the script names, with its options.
struct GovernorChoice {
  std::string name;
  arch::RawConfig options;
  SourceLocation where;
};

struct Scenario {
  std::string description;
  std::string start;  ///< sub-net that is loaded when the first frame arrives; empty: the most accurate
  double duration_s = 0;
  std::vector<BudgetPiece> budget;  ///< ascending; the first begins at 0
  std::vector<GovernorChoice> governors;
  sim::SwitchSpec hardware;

  /// The piece that holds at a time.
  [[nodiscard]] const BudgetPiece& at(double time_s) const;
  /// When frames arrive: the first at 0, each next one after the period of the piece that holds at the one before.
  [[nodiscard]] std::vector<double> arrivals() const;
};

/// Reads a script; `overrides` are "key=value" of its `hardware`. Throws Error(bad_input) with file and line. A script
/// that names no governor gets the registered ones with their defaults.
[[nodiscard]] Scenario load_scenario(const std::string& path, const std::vector<std::string>& overrides = {});
[[nodiscard]] Scenario parse_scenario(const std::string& text, const std::string& name,
                                      const std::vector<std::string>& overrides = {});

}  // namespace rebasis::dynamic
