// A study: what is varied, on what, for what. docs/studies.md describes the file.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "arch/config.h"
#include "dse/space.h"

namespace rebasis::dse {

/// What a point runs: a trace, a network that the point's recipe compresses (once for each recipe), or one of
/// `rebasis networks` with made-up values.
struct Workload {
  std::string name;                     ///< of the file unless given; unique in the study
  std::string trace;                    ///< path, or ""
  std::string network, inputs, labels;  ///< paths; labels may be ""
  std::string synthetic;                ///< name or path for `rebasis networks trace`, or ""
  std::vector<std::string> compress;    ///< further options of `rebasis compress`, or of `rebasis networks trace`
  SourceLocation where;
};

struct Objective {
  std::string metric;
  bool maximise = false;
  SourceLocation where;
};

/// When a run ends.
struct Budget {
  std::int64_t points = 0;  ///< evaluated in all; 0: as many as the strategy wants
  double seconds = 0;       ///< of a run; 0: no limit
};

/// What one point may use.
struct PointLimits {
  double seconds = 600;
  std::int64_t memory_bytes = 4LL << 30;
  std::int64_t attempts = 2;  ///< of a point whose process crashed or was lost
};

struct StrategyChoice {
  std::string name = "grid";
  arch::RawConfig options;
  SourceLocation where;
};

struct Study {
  std::string name, description;
  std::string file, text;
  std::vector<Workload> workloads;
  std::string accelerator;                 ///< preset or file; a dimension of that name takes its place
  std::string recipe;                      ///< for networks; likewise. "": the accelerator's own
  std::map<std::string, std::string> set;  ///< parameters that stay, as --set takes them
  std::vector<std::string> layers;         ///< only these; empty: all
  Space space;
  std::string aggregate = "sum";  ///< of a metric over the workloads: sum, mean, geomean or max
  std::vector<Objective> objectives;
  std::vector<Expression> constraints;  ///< on metrics, after the simulation
  StrategyChoice strategy;
  Budget budget;
  PointLimits limits;
  std::int64_t seed = 1;

  /// Throws Error(bad_input) with file and line.
  static Study load(const std::string& path);
  static Study parse(const std::string& text, const std::string& file);
};

/// A metric that objectives and constraints may name.
struct Metric {
  std::string name, unit, description;
  bool better_high = false;
};
/// All of them, in the order of the documentation.
[[nodiscard]] const std::vector<Metric>& metrics();

}  // namespace rebasis::dse
