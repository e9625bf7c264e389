#include "dse/mpi/world.h"

#include <unistd.h>

#include <boost/mpi/environment.hpp>
#include <chrono>
#include <thread>

#include "dse/mpi/mpi_executor.h"
#include "dse/mpi/worker.h"

namespace rebasis::dse {

namespace {

/// Shares the executor with the one who runs the sweep, to know afterwards whether a worker was lost.
class Borrowed : public Executor {
 public:
  explicit Borrowed(MpiExecutor& executor) : executor_(executor) {}
  [[nodiscard]] std::size_t slots() const override { return executor_.slots(); }
  [[nodiscard]] std::size_t running() const override { return executor_.running(); }
  void start(std::int64_t id, const Job& job, const PointLimits& limits) override { executor_.start(id, job, limits); }
  [[nodiscard]] std::vector<ProcessEnd> wait(double seconds) override { return executor_.wait(seconds); }
  void cancel() override { executor_.cancel(); }

 private:
  MpiExecutor& executor_;
};

class World : public MpiWorld {
 public:
  [[nodiscard]] int size() const override { return mailbox_.size(); }
  [[nodiscard]] bool is_worker() const override { return mailbox_.rank() > 0; }
  [[nodiscard]] std::unique_ptr<Executor> executor(const std::string& memo_store, double patience_s) override {
    executor_ = std::make_unique<MpiExecutor>(mailbox_, memo_store, patience_s);
    return std::make_unique<Borrowed>(*executor_);
  }
  [[nodiscard]] int serve() override {
    if (!serve_jobs(mailbox_)) _exit(0);
    return 0;
  }
  [[nodiscard]] bool dismiss() override {
    const bool lost = executor_ && executor_->lost_any();
    for (int rank = 1; rank < mailbox_.size(); ++rank) mailbox_.send(rank, Tag::stop, lost ? "one was lost" : "");
    const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!mailbox_.empty() && std::chrono::steady_clock::now() < latest)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return mailbox_.empty() && !lost;
  }

 private:
  boost::mpi::environment environment_{/*abort_on_exception=*/false};
  Mailbox mailbox_;
  std::unique_ptr<MpiExecutor> executor_;
};

}  // namespace

std::unique_ptr<MpiWorld> open_mpi_world() { return std::make_unique<World>(); }

}  // namespace rebasis::dse
