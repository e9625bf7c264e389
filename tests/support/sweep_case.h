// A sweep whose points cost nothing: a study of a made-up trace, and workers that work out a result without simulating.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "dse/run/sweep.h"

namespace rebasis::test {

/// A study of `points` (a multiple of 4) points on the trace of write_sample_trace("sample.trace"), with `more` keys.
[[nodiscard]] dse::Study null_study(int points, const std::string& more = {});

/// Metrics, a layer and a memo that follow from the job's settings.
[[nodiscard]] dse::FinishedPoint null_result(const dse::Job& job);

/// null_result at once, in this process.
class NullExecutor : public dse::Executor {
 public:
  explicit NullExecutor(std::size_t slots) : slots_(slots) {}
  [[nodiscard]] std::size_t slots() const override { return slots_; }
  [[nodiscard]] std::size_t running() const override { return ended_.size(); }
  void start(std::int64_t id, const dse::Job& job, const dse::PointLimits& limits) override;
  [[nodiscard]] std::vector<dse::ProcessEnd> wait(double seconds) override;
  void cancel() override { ended_.clear(); }

 private:
  std::size_t slots_;
  std::deque<dse::ProcessEnd> ended_;
};

/// Runs the study on the store.
dse::SweepSummary run_sweep(const dse::Study& study, const std::string& store, dse::Executor& executor,
                            dse::SweepOptions options = {}, dse::Sweep::Watch watch = {});

/// Removes the store and what SQLite keeps beside it.
std::string fresh_store(const std::string& name);

/// All that a store says of its points, for comparison: settings, status, reason, metrics, energy, layers.
[[nodiscard]] std::string content_of_store(const std::string& path);

}  // namespace rebasis::test
