// The driver: what points do to themselves stays there, several runs share a store, nothing is run twice.
#include "dse/run/sweep.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "tests/support/errors.h"
#include "tests/support/sweep_case.h"

using namespace rebasis;
using namespace rebasis::test;
using dse::PointStatus;

namespace {

std::string null_work(const dse::Job& job) { return dse::to_line(null_result(job)); }

/// A value of the job's first setting, array.dim_C.
std::string setting(const dse::Job& job, const std::string& key) {
  for (const std::string& text : job.overrides) {
    if (text.starts_with(key + "=")) return text.substr(key.size() + 1);
  }
  return {};
}

/// Each value of dim_C goes wrong in another way.
std::string misbehave(const dse::Job& job) {
  const std::string way = setting(job, "array.dim_C");
  std::printf("trouble %s\n", way.c_str());
  if (way == "1") {
    std::signal(SIGSEGV, SIG_DFL);  // a sanitizer's handler would end it by exit()
    std::raise(SIGSEGV);
  }
  if (way == "2") std::abort();
  if (way == "3") throw std::runtime_error("cannot go on");
  if (way == "4") std::this_thread::sleep_for(std::chrono::hours(1));
  if (way == "5") throw std::bad_alloc();
  if (way == "6") _exit(0);
  return null_work(job);
}

dse::PointRow row_with(const std::string& store, const std::string& dim_c, const std::string& dim_m = "8") {
  for (dse::PointRow& row : dse::Store(store, dse::Store::Mode::read).points()) {
    if (row.settings.at("array.dim_C") == dim_c && row.settings.at("array.dim_M") == dim_m) return std::move(row);
  }
  FAIL("there is no such point");
  return {};
}

/// Runs `work` in a process of its own, where a sweep may be killed.
pid_t forked(const std::function<void()>& work) {
  std::fflush(nullptr);  // or the child would print it again
  const pid_t child = fork();
  if (child != 0) return child;
  work();
  _exit(0);
}

int ended(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("a point that crashes, hangs or throws gets that status with its log, and the others run") {
  const dse::Study study = null_study(28, "limits: {time: 4, attempts: 2}\n");
  dse::LocalExecutor executor(4, misbehave);
  const dse::SweepSummary summary = run_sweep(study, fresh_store("bad.store"), executor);
  CHECK(summary.asked == 28);
  CHECK(summary.done == 4);
  CHECK(summary.failed == 24);
  const auto check = [&](const std::string& way, const std::string& reason, std::int64_t attempts) {
    const dse::PointRow row = row_with("bad.store", way);
    CAPTURE(row.reason);
    CHECK(row.status == PointStatus::failed);
    CHECK(row.reason.find(reason) != std::string::npos);
    CHECK(row.log.find("trouble " + way) != std::string::npos);
    CHECK(row.attempts == attempts);
  };
  check("1", "signal 11", 2);
  check("2", "signal 6", 2);
  check("3", "cannot go on", 2);
  check("4", "ran longer than 4", 1);
  check("5", "MiB", 1);
  check("6", "no result", 2);
  CHECK(row_with("bad.store", "7").status == PointStatus::done);

  // Given back to the queue, they run again; without that, they don't.
  std::size_t runs = 0;
  const auto count = [&](const dse::SweepSummary&, const dse::PointRow&) { ++runs; };
  dse::LocalExecutor healthy(4, null_work);
  CHECK(run_sweep(study, "bad.store", healthy, {}, count).known == 28);
  CHECK(dse::Store("bad.store", dse::Store::Mode::write).requeue(PointStatus::failed) == 24);
  const dse::SweepSummary again = run_sweep(study, "bad.store", healthy);
  CHECK(again.done == 28);
  CHECK(again.known == 4);
}

#if !defined(__SANITIZE_ADDRESS__)
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REBASIS_NO_LIMIT
#endif
#endif
#ifndef REBASIS_NO_LIMIT
TEST_CASE("a point that needs more memory than it may") {
  const dse::Study study = null_study(4, "limits: {memory: 64 MiB}\n");
  dse::LocalExecutor executor(1, [](const dse::Job& job) {
    std::vector<char> much(std::size_t{1} << 30, 'x');
    return null_work(job) + std::string(much.size() > 1 ? 0 : 1, ' ');
  });
  CHECK(run_sweep(study, fresh_store("memory.store"), executor).failed == 4);
  CHECK(row_with("memory.store", "1").reason == "needs more than 64 MiB");
}
#endif
#endif

TEST_CASE("infeasible points are kept with their reason, and can be asked again") {
  const dse::Study study = null_study(8, "where: [multipliers <= 100]\n");
  NullExecutor executor(1);
  const dse::SweepSummary first = run_sweep(study, fresh_store("infeasible.store"), executor);
  CHECK(first.infeasible == 7);  // 8 x 1 x 8 MACs are 64; twice that is too many
  CHECK(first.known == 0);
  CHECK(first.done == 1);
  CHECK(row_with("infeasible.store", "2", "64").reason == "does not meet multipliers <= 100");
  const std::string content = content_of_store("infeasible.store");
  CHECK(dse::Store("infeasible.store", dse::Store::Mode::write).requeue(PointStatus::infeasible) == 7);
  CHECK(run_sweep(study, "infeasible.store", executor).infeasible == 7);
  CHECK(content_of_store("infeasible.store") == content);
}

TEST_CASE("a sweep that is killed now and then comes to the rows of one that is not") {
  const dse::Study study = null_study(40, "limits: {attempts: 1000}\n");
  dse::LocalExecutor executor(2, null_work);
  (void)run_sweep(study, fresh_store("calm.store"), executor);
  fresh_store("killed.store");
  int kills = 0;
  for (int delay_ms = 10; delay_ms < 100; delay_ms += 17) {
    const pid_t child = forked([&] {
      dse::LocalExecutor own(2, null_work);
      (void)run_sweep(study, "killed.store", own);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
    kill(child, SIGKILL);
    kills += WIFSIGNALED(ended(child)) ? 1 : 0;
  }
  MESSAGE(kills << " of 6 were killed before their end");
  const auto begin = std::chrono::steady_clock::now();
  CHECK(run_sweep(study, "killed.store", executor).done == 40);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));  // no lease of the dead was waited for
  CHECK(content_of_store("killed.store") == content_of_store("calm.store"));
}

TEST_CASE("two sweeps on one store run each point once, and both end with all") {
  const dse::Study study = null_study(40);
  fresh_store("shared.store");
  std::filesystem::remove_all("runs");
  std::filesystem::create_directories("runs");
  std::vector<pid_t> sweeps;
  for (int i = 0; i < 2; ++i) {
    sweeps.push_back(forked([&] {
      dse::LocalExecutor executor(2, [](const dse::Job& job) {
        const std::string name = "runs/" + setting(job, "array.dim_M") + "." + setting(job, "array.dim_C");
        std::ofstream(name, std::ios::app) << "ran\n";
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return null_work(job);
      });
      if (run_sweep(study, "shared.store", executor).done != 40) _exit(1);
    }));
  }
  for (const pid_t sweep : sweeps) CHECK(ended(sweep) == 0);
  std::size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator("runs")) {
    ++files;
    CHECK(file.file_size() == 4);
  }
  CHECK(files == 40);
}

TEST_CASE("the point of a lost worker is dealt again when its lease ends, not before, and not for ever") {
  const dse::Study study = null_study(4, "limits: {attempts: 2}\n");
  NullExecutor executor(1);
  (void)run_sweep(study, fresh_store("lease.store"), executor);
  std::int64_t point = 0, spent = 0;
  {
    dse::Store store("lease.store", dse::Store::Mode::write);
    CHECK(store.requeue(PointStatus::done) == 4);
    point = store.points()[0].id;
    spent = store.points()[1].id;
    for (int i = 0; i < 2; ++i) {
      CHECK(store.claim(spent, "elsewhere 1 2", 0.01) == i + 1);
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
    }
    CHECK(store.claim(point, "elsewhere 1 2", 0.4) == 1);
  }
  const auto begin = std::chrono::steady_clock::now();
  const dse::SweepSummary summary = run_sweep(study, "lease.store", executor, {.lease_s = 0.4});
  CHECK(std::chrono::steady_clock::now() - begin > std::chrono::milliseconds(250));
  CHECK(summary.done == 3);
  CHECK(summary.failed == 1);
  const dse::Store store("lease.store", dse::Store::Mode::read);
  CHECK(store.find(point)->status == PointStatus::done);
  CHECK(store.find(point)->attempts == 2);
  CHECK(store.find(spent)->reason == "its worker was lost 2 times");
}

TEST_CASE("a slow point keeps its lease while its sweep lives") {
  const dse::Study study = null_study(4);
  fresh_store("slow.store");
  std::filesystem::remove("slow.runs");
  const auto sweep = [&] {
    dse::LocalExecutor executor(1, [](const dse::Job& job) {
      std::ofstream("slow.runs", std::ios::app) << "ran\n";
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      return null_work(job);
    });
    if (run_sweep(study, "slow.store", executor, {.lease_s = 0.1}).done != 4) _exit(1);
  };
  const pid_t a = forked(sweep), b = forked(sweep);
  CHECK(ended(a) == 0);
  CHECK(ended(b) == 0);
  CHECK(std::filesystem::file_size("slow.runs") == 4 * 4);
}

TEST_CASE("stopped once, running points end; twice, they are given back as if never tried") {
  const dse::Study study = null_study(8);
  for (const int requests : {1, 2}) {
    CAPTURE(requests);
    fresh_store("stop.store");
    std::filesystem::remove("stop.runs");
    std::atomic<int> stop = 0;
    dse::LocalExecutor executor(2, [&](const dse::Job& job) {
      std::ofstream("stop.runs", std::ios::app) << "ran\n";
      std::this_thread::sleep_for(std::chrono::milliseconds(requests == 1 ? 300 : 30'000));
      return null_work(job);
    });
    std::thread signal([&] {
      const auto begun = [] {
        std::error_code missing;
        const std::uintmax_t size = std::filesystem::file_size("stop.runs", missing);
        return missing ? 0 : size / 4;
      };
      for (int i = 0; i < 3000 && begun() < 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
      stop = requests;
    });
    const dse::SweepSummary summary = run_sweep(study, "stop.store", executor, {.stop = &stop});
    signal.join();
    CHECK(summary.interrupted);
    CHECK(summary.done == (requests == 1 ? 2 : 0));
    for (const dse::PointRow& row : dse::Store("stop.store", dse::Store::Mode::read).points()) {
      CHECK(row.status == (row.attempts == 1 ? PointStatus::done : PointStatus::queued));
    }
    CHECK(executor.running() == 0);
    CHECK(waitpid(-1, nullptr, WNOHANG) < 0);  // no child is left
  }
}

TEST_CASE("a search that is killed asks for the same points again") {
  for (const std::string strategy : {"nsga2", "moead", "nspso"}) {
    CAPTURE(strategy);
    const dse::Study study = null_study(
        160, "strategy: {" + strategy + ": {population: 24}}\nbudget: {points: 60}\nlimits: {attempts: 9}\n");
    NullExecutor executor(2);
    (void)run_sweep(study, fresh_store("search.store"), executor);
    fresh_store("again.store");
    CHECK(ended(forked([&] {
            std::size_t left = 17;
            NullExecutor own(2);
            (void)run_sweep(study, "again.store", own, {}, [&](const dse::SweepSummary&, const dse::PointRow&) {
              if (--left == 0) std::raise(SIGKILL);
            });
          })) == SIGKILL);
    const dse::SweepSummary summary = run_sweep(study, "again.store", executor);
    CHECK(summary.known >= 16);
    CHECK(summary.asked == 60);
    CHECK(content_of_store("again.store") == content_of_store("search.store"));
  }
}

TEST_CASE("a search that has seen all there is comes to its end") {
  for (const std::string strategy : {"nsga2", "moead", "nspso"}) {
    CAPTURE(strategy);
    const dse::Study study = null_study(12, "strategy: {" + strategy + ": {population: 24}}\nbudget: {points: 60}\n");
    NullExecutor executor(2);
    const dse::SweepSummary summary = run_sweep(study, fresh_store("small.store"), executor);
    CHECK(summary.asked <= 12);
    CHECK(summary.ended.find("the search has converged") != std::string::npos);
  }
}

TEST_CASE("shards are disjoint and merge to the whole") {
  const dse::Study study = null_study(40);
  NullExecutor executor(1);
  (void)run_sweep(study, fresh_store("whole.store"), executor);
  dse::Store all(fresh_store("merged.store"), dse::Store::Mode::write);
  std::size_t sum = 0;
  for (std::uint64_t i = 0; i < 3; ++i) {
    sum += run_sweep(study, fresh_store("part.store"), executor, {.shard = i, .shards = 3}).done;
    (void)all.merge("part.store");
  }
  CHECK(sum == 40);
  CHECK(content_of_store("merged.store") == content_of_store("whole.store"));
  CHECK(run_sweep(study, "merged.store", executor).known == 40);
}

TEST_CASE("an objective that no result has is an error of the first point") {
  dse::Study study = null_study(40);
  study.objectives[0].metric = "accuracy";
  NullExecutor executor(1);
  CHECK(bad_input([&] { (void)run_sweep(study, fresh_store("accuracy.store"), executor); }).find("labels") !=
        std::string::npos);
  std::size_t done = 0;
  for (const dse::PointRow& row : dse::Store("accuracy.store", dse::Store::Mode::read).points())
    done += row.status == PointStatus::done ? 1 : 0;
  CHECK(done == 1);
}

TEST_CASE("a point is another one when the table of prices that it names says something else") {
  const dse::Study study = null_study(4, "set: {energy: ./prices.yaml}\n");
  const auto key = [&](const std::string& pj) {
    std::ofstream(std::filesystem::path(study.file).parent_path() / "prices.yaml")
        << "name: prices\ndescription: of a test\nbased_on: smartdeal-28nm\n"
           "prices:\n  - {component: dram, action: read_byte, pj: " +
               pj + ", per: byte, source: a test}\n";
    dse::TraceShelf shelf;
    return dse::Candidates(study, shelf, "prices.traces").make({0, 0}).key;
  };
  const std::string before = key("7");
  CHECK(key("7") == before);
  CHECK(key("8") != before);
}
