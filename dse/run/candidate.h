// From a strategy's choice to a point that can be looked up in the store and run.
#pragma once

#include <string>

#include "dse/run/designs.h"
#include "dse/run/evaluate.h"
#include "dse/run/job.h"
#include "dse/run/traces.h"
#include "dse/study.h"

namespace rebasis::dse {

struct Candidate {
  std::string key;         ///< SHA-256 of all that decides the result
  std::string settings;    ///< JSON object
  std::string infeasible;  ///< reason; empty: to be run
  Job job;
};

class Candidates {
 public:
  /// `trace_folder`: Traces. All arguments outlive this.
  Candidates(const Study& study, TraceShelf& shelf, const std::string& trace_folder)
      : study_(study), shelf_(shelf), designs_(study), traces_(study, trace_folder) {}

  /// Without making traces, `make_traces` false: then a network's point has no job, and its key is of no use.
  [[nodiscard]] Candidate make(const Choice& choice, bool make_traces = true);

 private:
  [[nodiscard]] std::string why_not(const Point& point, const Design& design) const;
  void add_workloads(const Point& point, const Design& design, Candidate& candidate, std::string& identity);

  const Study& study_;
  TraceShelf& shelf_;
  Designs designs_;
  Traces traces_;
};

}  // namespace rebasis::dse
