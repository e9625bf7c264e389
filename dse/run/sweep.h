// A study from its first to its last point: asks the strategy, looks up what is known, deals the rest, keeps the
// results.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "dse/run/candidate.h"
#include "dse/run/executor.h"
#include "dse/store.h"
#include "dse/strategy.h"
#include "dse/study.h"

namespace rebasis::dse {

struct SweepOptions {
  std::uint64_t shard = 0, shards = 1;  ///< points whose key falls to this shard only; for strategies that ask ahead
  double lease_s = 60;                  ///< of a claimed point; renewed while this process lives
  /// Counts requests to stop (Ctrl-C): 1: deal no more points; 2: stop those that run.
  const std::atomic<int>* stop = nullptr;
};

struct SweepSummary {
  std::size_t asked = 0;  ///< different points
  std::size_t known = 0;  ///< of these, settled before this run
  std::size_t done = 0, infeasible = 0, failed = 0;
  std::int64_t layers_reused = 0, layers_simulated = 0;
  bool interrupted = false;
  std::string ended;  ///< why before its time; empty: the strategy came to its end
};

class Sweep {
 public:
  /// Called after each settled point with what is known now.
  using Watch = std::function<void(const SweepSummary&, const PointRow&)>;
  /// All arguments outlive this.
  Sweep(const Study& study, Store& store, Candidates& candidates, Executor& executor, SweepOptions options,
        Watch watch = {});

  /// Points of other processes on the same store are waited for. Throws Error(bad_input) when the study cannot be run,
  /// for example an objective that no result has.
  [[nodiscard]] SweepSummary run();

 private:
  struct Pending {
    std::int64_t id = 0;
    Job job;
  };
  struct Ended {};  // thrown through the strategy

  [[nodiscard]] std::vector<Evaluation> evaluate(const std::vector<Choice>& choices);
  [[nodiscard]] std::vector<Candidate> within_budget(const std::vector<Choice>& choices);
  void note_progress(std::size_t choices, std::size_t asked_before);
  void run_pending(std::deque<Pending> pending);
  void deal(std::deque<Pending>& pending, std::deque<Pending>& elsewhere);
  void collect(std::deque<Pending>& pending, double seconds);
  void check_elsewhere(std::deque<Pending>& pending, std::deque<Pending>& elsewhere);
  void settle(Pending work, const FinishedPoint& point, std::deque<Pending>& unsettled);
  void end_attempt(ProcessEnd ended, std::deque<Pending>& pending);
  [[nodiscard]] PointRow stored(std::int64_t id) const;
  void learn(PointRow row);
  void count(const PointRow& row, bool known);
  [[nodiscard]] Evaluation evaluation_of(const PointRow& row) const;
  void heartbeat();
  [[nodiscard]] bool mine(const std::string& key) const;
  [[nodiscard]] int stop_level() const { return options_.stop == nullptr ? 0 : options_.stop->load(); }
  [[nodiscard]] bool out_of_time() const;
  [[noreturn]] void end(const std::string& reason);

  using Clock = std::chrono::steady_clock;
  const Study& study_;
  Store& store_;
  Candidates& candidates_;
  Executor& executor_;
  SweepOptions options_;
  Watch watch_;
  SweepSummary summary_;
  std::string owner_;
  std::int64_t study_id_ = 0;
  std::unordered_map<std::string, PointRow> rows_;  ///< by key
  std::unordered_map<std::int64_t, std::string> keys_;
  std::map<Choice, std::string> asked_;  ///< key of each choice
  std::size_t stale_ = 0;                ///< choices since the last that was new
  std::map<std::int64_t, Pending> in_flight_;
  std::map<std::int64_t, std::int64_t> attempts_;
  Clock::time_point begun_ = Clock::now(), last_heartbeat_ = Clock::now(), last_look_;
};

}  // namespace rebasis::dse
