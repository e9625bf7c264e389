// A job's simulations and the figures that a study looks at. Runs in a process of its own: SystemC elaborates once.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "dse/run/job.h"
#include "dse/store.h"
#include "sim/accelerator.h"
#include "workloads/trace/trace.h"

namespace rebasis::dse {

/// Traces by path, read once and shared with forked processes.
class TraceShelf {
 public:
  /// Opens and checks the trace the first time. The reference stays valid.
  const trace::TraceReader& get(const std::string& path);
  /// TraceReader::digest() of it.
  const std::string& digest(const std::string& path);

 private:
  struct Entry {
    explicit Entry(const std::string& path) : reader(path), digest(reader.digest()) {}
    trace::TraceReader reader;
    std::string digest;
  };
  const Entry& entry(const std::string& path);
  std::map<std::string, std::unique_ptr<Entry>> entries_;
};

/// Simulates the job. `memo_store`: a store whose memoised layers are used, or "". An infeasible design comes back with
/// that status and its reason; other errors are thrown.
[[nodiscard]] FinishedPoint evaluate(const Job& job, TraceShelf& traces, const std::string& memo_store);

/// The simulation of one workload's trace; says in `point` which layers it took from the memo.
[[nodiscard]] sim::Result simulate(const Job& job, const trace::TraceReader& trace, const std::string& memo_store,
                                   FinishedPoint& point);

/// What crosses the border between processes. `finished_from_line` throws Error(bad_input).
[[nodiscard]] std::string to_line(const FinishedPoint& point);
[[nodiscard]] FinishedPoint finished_from_line(const std::string& line);

}  // namespace rebasis::dse
