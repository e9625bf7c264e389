// Jobs on the workers of an MPI world.
#pragma once

#include <chrono>
#include <map>

#include "dse/mpi/mailbox.h"
#include "dse/run/executor.h"

namespace rebasis::dse {

class MpiExecutor : public Executor {
 public:
  /// `mailbox` outlives this.
  MpiExecutor(Mailbox& mailbox, std::string memo_store, double patience_s);

  [[nodiscard]] std::size_t slots() const override;
  [[nodiscard]] std::size_t running() const override;
  void start(std::int64_t id, const Job& job, const PointLimits& limits) override;
  [[nodiscard]] std::vector<ProcessEnd> wait(double seconds) override;
  void cancel() override;
  [[nodiscard]] bool lost_any() const { return lost_any_; }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::int64_t none = -1;
  struct Worker {
    std::int64_t job = none;
    bool busy = false;  ///< also with a job that was given up
    bool lost = false;
    Clock::time_point heard = Clock::now();
  };
  void read(const Message& message, std::vector<ProcessEnd>& ends);
  void find_lost(std::vector<ProcessEnd>& ends);
  void beat();

  Mailbox& mailbox_;
  std::string memo_store_, host_;
  Clock::duration patience_;
  std::map<int, Worker> workers_;  ///< by rank
  Clock::time_point last_beat_;
  bool lost_any_ = false;
};

/// Seconds between signs of life, of workers and of rank 0.
inline constexpr double beat_s = 2;
[[nodiscard]] std::string host_of_process();

}  // namespace rebasis::dse
