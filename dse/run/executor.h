// Who runs jobs: processes of this machine, or those of an MPI world.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dse/run/evaluate.h"
#include "dse/run/job.h"
#include "dse/run/process_pool.h"
#include "dse/study.h"

namespace rebasis::dse {

class Executor {
 public:
  virtual ~Executor() = default;
  /// Jobs that can run at once. May shrink when workers are lost.
  [[nodiscard]] virtual std::size_t slots() const = 0;
  [[nodiscard]] virtual std::size_t running() const = 0;
  /// Only while running() < slots().
  virtual void start(std::int64_t id, const Job& job, const PointLimits& limits) = 0;
  /// Those that ended, waiting up to `seconds` for the first. The result of a finished one is to_line(FinishedPoint).
  [[nodiscard]] virtual std::vector<ProcessEnd> wait(double seconds) = 0;
  /// Stops what runs; nothing of it will be returned.
  virtual void cancel() = 0;
};

/// Forked processes of this one.
class LocalExecutor : public Executor {
 public:
  /// What a job's process does; returns to_line(FinishedPoint).
  using Work = std::function<std::string(const Job&)>;
  LocalExecutor(std::size_t slots, Work work) : pool_(slots), work_(std::move(work)) {}

  [[nodiscard]] std::size_t slots() const override { return pool_.slots(); }
  [[nodiscard]] std::size_t running() const override { return pool_.running(); }
  void start(std::int64_t id, const Job& job, const PointLimits& limits) override {
    pool_.start(
        id, [&] { return work_(job); }, limits.seconds, limits.memory_bytes);
  }
  [[nodiscard]] std::vector<ProcessEnd> wait(double seconds) override { return pool_.wait(seconds); }
  void cancel() override { pool_.kill_all(); }

 private:
  ProcessPool pool_;
  Work work_;
};

}  // namespace rebasis::dse
