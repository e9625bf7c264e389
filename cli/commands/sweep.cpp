// rebasis sweep: a study, from one point to thousands.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include "cli/command.h"
#include "cli/sweep/dry_run.h"
#include "cli/sweep/mpi.h"
#include "cli/sweep/replay.h"
#include "common/data_dir.h"
#include "common/error.h"
#include "common/progress.h"
#include "dse/run/sweep.h"

namespace rebasis::cli {
namespace {

std::atomic<int> stop_requests{0};
/// mpirun leaves its processes a second after Ctrl-C, so that the first request must be the last.
std::atomic<int> stop_step{1};

extern "C" void request_stop(int /*signal_number*/) { stop_requests.fetch_add(stop_step); }

/// The first Ctrl-C lets running points end, the second stops them; nothing that was written is lost either way.
void stop_gently() {
  struct sigaction action {};
  action.sa_handler = request_stop;
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    sigaction(signal_number, nullptr, &before);
    if (before.sa_handler != SIG_IGN) sigaction(signal_number, &action, nullptr);
  }
}

class Sweep : public Command {
 public:
  std::string description() const override {
    return "Runs the points of STUDY.yaml (docs/studies.md): workloads, a space of parameters, objectives, and a "
           "strategy "
           "that chooses points. Every result is kept in a store, an SQLite file, as it arrives. A second run of the "
           "same "
           "study goes on where the first stopped; several runs may work on one store at the same time.\n\n"
           "A point runs in a process of its own. One that crashes, takes too long or needs too much memory is kept "
           "with "
           "its log, and the sweep goes on. Layers that were simulated before under the same conditions are taken from "
           "the "
           "store.\n\n"
           "Ctrl-C lets the running points end; a second one stops them. `rebasis report STORE` shows the results, "
           "with "
           "--html as an interactive page.\n\n"
           "Many machines: `mpirun -n N rebasis sweep` runs the points in N - 1 processes; --shard I/N runs one part "
           "of "
           "the points of a grid or sample into a store of its own, and `rebasis merge` joins the stores "
           "(docs/clusters.md).";
  }

  std::vector<Example> examples() const override {
    return {
        {"rebasis sweep study.yaml -o study.store", "All points, resumed if the store is there already."},
        {"mpirun -n 9 rebasis sweep study.yaml -o study.store",
         "Eight points at a time, on the machines of an MPI job."},
        {"rebasis sweep study.yaml --dry-run", "How many points, which cannot be built, how long it will take."},
        {"rebasis sweep dims --points 20", "The first twenty points of a study that ships with Rebasis."},
        {"rebasis sweep study.yaml -o part3.store --shard 3/8", "One of eight jobs of a batch system."},
        {"rebasis sweep study.yaml -o study.store --rerun failed", "Points that failed, again."},
        {"rebasis sweep study.store --point 17", "A point again, compared with what is stored."},
        {"rebasis sweep study.store --point 17 --export mine.yaml", "Its accelerator, for --accelerator mine.yaml."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("STUDY", file_,
                   "The study: a file, or the name of a shipped one (rebasis list studies); or a store with --point")
        ->required();
    app.add_option("-o,--output", store_,
                   "The store [STUDY.store, in the working directory]; with --point a result JSON");
    app.add_option("-j,--jobs", jobs_, "Points at a time; 0: one a core")->capture_default_str();
    app.add_flag("--dry-run", dry_run_, "Count the points and estimate the time; run nothing");
    app.add_option("--strategy", strategy_,
                   "Another strategy, with its defaults and without the study's budget of points");
    app.add_option("--points", points_, "So many points at most, in place of the study's budget")
        ->check(CLI::Range(1L, 1'000'000'000L));
    app.add_option("--seed", seed_, "In place of the study's seed")->check(CLI::NonNegativeNumber);
    app.add_option("--shard", shard_, "I/N: the I-th of N parts of the points");
    app.add_option("--rerun", rerun_, "failed or infeasible: give these points back to the queue first")
        ->check(CLI::IsMember({"failed", "infeasible"}));
    app.add_option("--lease", lease_s_, "Seconds after which a point of a lost process is dealt again")
        ->check(CLI::Range(0.1, 86400.0))
        ->capture_default_str();
    app.add_option("--worker-timeout", worker_timeout_s_,
                   "Seconds of silence after which an MPI process counts as lost")
        ->check(CLI::Range(5.0, 86400.0))
        ->capture_default_str();
    app.add_option("--point", point_, "Run this point of the store STUDY again and compare");
    app.add_option("--export", export_, "With --point: write its accelerator file instead");
  }

  int run() override {
    if (point_ > 0) return run_point();
    if (!export_.empty()) fail_input("--export needs --point; it writes the accelerator of one point");
    const std::unique_ptr<dse::MpiWorld> world = dry_run_ ? nullptr : mpi_world();
    if (!world) return run_study(nullptr);
    return world->is_worker() ? world->serve() : lead(*world);
  }

 private:
  /// Of rank 0. The workers are sent home whatever happens, or they would wait for ever.
  int lead(dse::MpiWorld& world) {
    int status = 0;
    try {
      status = run_study(&world);
    } catch (...) {
      if (world.dismiss()) throw;
      try {
        throw;
      } catch (const Error& error) {
        std::cerr << "rebasis: " << error.what() << std::endl;
        _exit(static_cast<int>(error.status()));
      }
    }
    if (world.dismiss()) return status;
    std::cout.flush();
    std::cerr.flush();
    _exit(status);
  }

  int run_study(dse::MpiWorld* world) {
    const dse::Study study = load_study();
    if (store_.empty()) store_ = study.name + ".store";
    dse::TraceShelf shelf;
    dse::Candidates candidates(study, shelf, store_ + ".traces");
    const std::string memo = std::filesystem::absolute(store_).string();
    dse::LocalExecutor executor(worker_count(),
                                [&](const dse::Job& job) { return dse::to_line(dse::evaluate(job, shelf, memo)); });
    if (dry_run_) {
      std::optional<dse::Store> store;
      if (std::filesystem::exists(store_)) store.emplace(store_, dse::Store::Mode::read);
      print_dry_run(study, candidates, store ? &*store : nullptr, executor);
      return 0;
    }
    if (world == nullptr) return sweep(study, candidates, executor);
    stop_step = 2;
    const auto workers = world->executor(memo, worker_timeout_s_);
    return sweep(study, candidates, *workers);
  }

  /// A shipped study by its name, unless there is a file of that name.
  [[nodiscard]] std::string study_path() const {
    const bool is_path = file_.find('/') != std::string::npos || file_.ends_with(".yaml");
    const std::string shipped = data_path("dse/studies/" + file_ + ".yaml");
    return !is_path && !std::filesystem::exists(file_) && std::filesystem::exists(shipped) ? shipped : file_;
  }

  /// The study with what the command line puts in its place.
  [[nodiscard]] dse::Study load_study() const {
    dse::Study study = dse::Study::load(study_path());
    if (!strategy_.empty()) {
      study.strategy = {strategy_, {}, {study.file, 0}};
      study.budget.points = 0;
    }
    if (points_ > 0) study.budget.points = points_;
    if (seed_) study.seed = *seed_;
    return study;
  }

  [[nodiscard]] std::size_t worker_count() const {
    return jobs_ > 0 ? jobs_ : std::max(1U, std::thread::hardware_concurrency());
  }

  int run_point() const {
    const dse::Store store(file_, dse::Store::Mode::read);
    if (export_.empty()) return replay(store, file_, point_, store_);
    export_accelerator(store, point_, export_);
    return 0;
  }

  void read_shard(const dse::Study& study, dse::SweepOptions& options) const {
    if (shard_.empty()) return;
    const auto slash = shard_.find('/');
    try {
      options.shard = std::stoull(shard_.substr(0, slash)) - 1;
      options.shards = std::stoull(shard_.substr(slash + 1));
    } catch (const std::exception&) {
      options.shards = 0;
    }
    if (slash == std::string::npos || options.shards == 0 || options.shard >= options.shards)
      fail_input("--shard " + shard_ + " is no part; write I/N with 1 <= I <= N");
    if (dse::StrategyRegistry::global().create(study.strategy.name, study.strategy.options)->adaptive())
      fail_input({study.file, study.strategy.where.line},
                 study.strategy.name +
                     " chooses points by the results of others, so its points cannot be divided; use "
                     "mpirun, or several runs on one store");
  }

  int sweep(const dse::Study& study, dse::Candidates& candidates, dse::Executor& executor) {
    dse::SweepOptions options;
    read_shard(study, options);
    options.lease_s = lease_s_;
    options.stop = &stop_requests;
    dse::Store store(store_, dse::Store::Mode::write);
    if (!rerun_.empty()) {
      const std::int64_t given = store.requeue(dse::point_status(rerun_));
      Progress::note(fmt::format("{} {} points are queued again", given, rerun_));
    }
    stop_gently();
    const auto strategy = dse::StrategyRegistry::global().create(study.strategy.name, study.strategy.options);
    std::uint64_t planned = strategy->planned({study.space, study.objectives.size(), study.budget.points, 1});
    if (study.budget.points > 0) planned = std::min(planned, static_cast<std::uint64_t>(study.budget.points));
    Progress progress("sweep " + study.name, planned / options.shards);
    dse::Sweep run(
        study, store, candidates, executor, options, [&](const dse::SweepSummary& summary, const dse::PointRow&) {
          progress.advance(1, fmt::format("{} done, {} infeasible, {} failed{}", summary.done, summary.infeasible,
                                          summary.failed, stop_requests > 0 ? "; stopping" : ""));
        });
    const dse::SweepSummary summary = run.run();
    print(summary);
    if (summary.interrupted) return 128 + SIGINT;
    if (summary.asked == 0 && options.shards == 1)
      fail_infeasible(study.file + ": no combination of the space meets the conditions (where)");
    return static_cast<int>(summary.done == 0 && summary.asked > 0 ? Status::infeasible : Status::done);
  }

  void print(const dse::SweepSummary& summary) const {
    if (Progress::quiet()) return;
    std::cout << fmt::format("{} points: {} done, {} infeasible, {} failed; {} were known\n", summary.asked,
                             summary.done, summary.infeasible, summary.failed, summary.known);
    if (const auto layers = summary.layers_reused + summary.layers_simulated; layers > 0)
      std::cout << fmt::format("{} layer simulations, {} of them ({:.0f} %) known\n", layers, summary.layers_reused,
                               100.0 * static_cast<double>(summary.layers_reused) / static_cast<double>(layers));
    if (!summary.ended.empty()) std::cout << "ended early: " << summary.ended << "\n";
    std::cout << "rebasis report " << shell_quoted(store_) << " --html " << shell_quoted(store_ + ".html") << "\n";
  }

  std::string file_, store_, shard_, rerun_, export_, strategy_;
  std::size_t jobs_ = 0;
  std::int64_t point_ = 0, points_ = 0;
  std::optional<std::int64_t> seed_;
  double lease_s_ = 60, worker_timeout_s_ = 30;
  bool dry_run_ = false;
};

const RegisterCommand<Sweep> registration("sweep");

}  // namespace
}  // namespace rebasis::cli
