// A point as a worker gets it: everything that decides its result, without the study around it.
#pragma once

#include <string>
#include <vector>

namespace rebasis::dse {

struct JobWorkload {
  std::string name;
  std::string trace;  ///< path
};

struct Job {
  std::string accelerator;             ///< preset or file
  std::vector<std::string> overrides;  ///< "key=value", as --set takes them
  std::vector<JobWorkload> workloads;
  std::vector<std::string> layers;  ///< only these; empty: all
  std::string aggregate = "sum";    ///< Study::aggregate
};

/// One line of JSON, and back. `from_line` throws Error(bad_input).
[[nodiscard]] std::string to_line(const Job& job);
[[nodiscard]] Job job_from_line(const std::string& line);

}  // namespace rebasis::dse
