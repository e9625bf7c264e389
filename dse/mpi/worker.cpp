#include "dse/mpi/worker.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <thread>

#include "common/error.h"
#include "common/json.h"
#include "dse/mpi/mpi_executor.h"
#include "dse/run/evaluate.h"
#include "dse/run/process_pool.h"
#include "dse/store.h"

namespace rebasis::dse {

namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;
constexpr double running_poll_s = 0.001;
constexpr auto idle_poll = std::chrono::milliseconds(1);
constexpr auto orphaned = std::chrono::hours(2);  // rank 0 compresses networks between points, in silence

/// Layers that this worker knows when it cannot read rank 0's store: those that it simulated.
class OwnMemo {
 public:
  ~OwnMemo() {
    store_.reset();
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(std::filesystem::path(path_).parent_path(), ignored);
  }
  const std::string& path() {
    if (store_) return path_;
    std::string folder = (std::filesystem::temp_directory_path() / "rebasis-mpi-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) fail_input(folder + ": cannot be made");
    path_ = folder + "/memo.store";
    store_ = std::make_unique<Store>(path_, Store::Mode::write);
    return path_;
  }
  void keep(const std::string& result) {
    if (store_) store_->remember(finished_from_line(result).memos);
  }

 private:
  std::string path_;
  std::unique_ptr<Store> store_;
};

class Worker {
 public:
  explicit Worker(Mailbox& mailbox) : mailbox_(mailbox) {}

  /// True: MPI may be closed; false: it would wait for a process that is gone.
  bool serve() {
    while (!stopped_) {
      beat();
      while (const auto message = mailbox_.receive()) read(*message);
      for (ProcessEnd& end : pool_.wait(running_poll_s)) send(std::move(end));
      if (pool_.running() == 0) std::this_thread::sleep_for(idle_poll);
      if (Clock::now() - heard_ > orphaned) fail_input("rank 0 is silent; this worker ends");
    }
    return complete_;
  }

 private:
  void read(const Message& message) {
    heard_ = Clock::now();
    if (message.tag == Tag::job) begin(message.text);
    if (message.tag == Tag::cancel || message.tag == Tag::stop) pool_.kill_all();
    if (message.tag != Tag::stop) return;
    stopped_ = true;
    complete_ = message.text.empty();
  }

  void begin(const std::string& text) {
    const nlohmann::json value = parse_json(text, "message of rank 0");
    const std::int64_t id = value.at("id");
    try {
      const Job job = job_from_line(value.at("job"));
      for (const JobWorkload& workload : job.workloads) (void)shelf_.get(workload.trace);  // read once
      const std::string memo =
          value.at("host") == host_of_process() ? value.at("memo").get<std::string>() : own_.path();
      pool_.start(
          id, [&] { return to_line(evaluate(job, shelf_, memo)); }, value.at("seconds"), value.at("memory"));
    } catch (const Error& error) {
      ProcessEnd end;
      end.id = id;
      end.ending = Ending::crashed;
      end.reason = end.log = host_of_process() + ": " + error.what();
      send(std::move(end));
    }
  }

  void send(ProcessEnd end) {
    if (end.ending == Ending::finished) own_.keep(end.result);
    mailbox_.send(0, Tag::result,
                  rebasis::to_line(nlohmann::json{{"id", end.id},
                                                  {"ending", static_cast<int>(end.ending)},
                                                  {"result", end.result},
                                                  {"reason", end.reason},
                                                  {"log", end.log},
                                                  {"seconds", end.seconds}}));
  }

  void beat() {
    if (Clock::now() - last_beat_ < Seconds(beat_s)) return;
    last_beat_ = Clock::now();
    mailbox_.send(0, Tag::beat);
  }

  Mailbox& mailbox_;
  TraceShelf shelf_;
  OwnMemo own_;
  ProcessPool pool_{1};
  Clock::time_point heard_ = Clock::now(), last_beat_;
  bool stopped_ = false, complete_ = true;
};

}  // namespace

bool serve_jobs(Mailbox& mailbox) {
  // mpirun signals every process of the job; what becomes of points is rank 0's to say.
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal_number, SIG_IGN);
  return Worker(mailbox).serve();
}

}  // namespace rebasis::dse
