// The output path, cycle by cycle: takes the results of a step from the accumulators, scales and writes them.
#pragma once

#include <cstddef>
#include <deque>

#include "sim/core/counters.h"
#include "sim/pynq_ternary/job.h"

namespace rebasis::sim::pynq_ternary {

class OutputPath {
 public:
  OutputPath(const Job& job, Counters& counters) : job_(job), counters_(counters) {}
  /// The results of `step` are complete as of the start of cycle `due`; steps come in order.
  void announce(std::size_t step, Cycle due) { waiting_.push_back({step, due}); }
  /// One cycle of work.
  void evaluate();
  /// End of cycle `now`: steps that are done, each counted once.
  std::size_t advance(Cycle now);
  [[nodiscard]] std::int64_t busy_cycles() const { return busy_; }
  [[nodiscard]] bool busy() const { return serving_; }

 private:
  struct Results {
    std::size_t step;
    Cycle due;
  };
  const Job& job_;
  Counters& counters_;
  std::deque<Results> waiting_;
  bool serving_ = false;
  std::int64_t unread_ = 0;    ///< results still in the accumulators
  std::int64_t flushing_ = 0;  ///< stages that the last results have passed
  std::int64_t busy_ = 0;
};

}  // namespace rebasis::sim::pynq_ternary
