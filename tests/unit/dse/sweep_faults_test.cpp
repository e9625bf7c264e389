// The driver is killed, or its disk fails, at its N-th write, for every second N, or with REBASIS_CASES for every N:
// what it had acknowledged stays, nothing is there twice, and the next run completes.
#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <set>
#include <sstream>

#include "common/json.h"
#include "tests/support/process.h"
#include "tests/support/sweep_case.h"

using namespace rebasis;
using namespace rebasis::test;

namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REBASIS_SLOW_TEST
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(REBASIS_SLOW_TEST)
constexpr int step = 20;
#else
const int step = std::getenv("REBASIS_CASES") != nullptr ? 1 : 2;  // of 200 writes
#endif
constexpr int last = 200, points = 12;

Outcome faulty_sweep(const std::string& store, const std::string& kind, int at) {
  return run(
      {REBASIS_BIN_DIR "/null_sweep", store, std::to_string(points)},
      {.environment = {"LD_PRELOAD=" REBASIS_WRITE_FAULTS, "FAULT_KIND=" + kind, "FAULT_AT=" + std::to_string(at)}});
}

/// Acknowledged points are in the store, done; no point is there twice.
void check_kept(const std::string& path, const std::string& acknowledged) {
  std::istringstream lines(acknowledged);
  std::string line;
  std::set<std::string> expected, done;
  while (std::getline(lines, line)) expected.insert(line);
  if (!expected.empty()) {
    const dse::Store store(path, dse::Store::Mode::read);
    for (const dse::PointRow& row : store.points()) {
      if (row.status == dse::PointStatus::done) CHECK(done.insert(to_line(nlohmann::json(row.settings))).second);
    }
  }
  for (const std::string& settings : expected) CHECK(done.contains(settings));
}

struct Seen {
  int ended = 0, whole = 0;
};

Seen try_all(const std::string& kind, int first) {
  NullExecutor executor(2);
  (void)run_sweep(null_study(points), fresh_store("whole.store"), executor);
  const std::string whole = content_of_store("whole.store");
  Seen seen;
  for (int at = first; at <= last; at += 2 * step) {
    CAPTURE(kind);
    CAPTURE(at);
    const Outcome outcome = faulty_sweep(fresh_store("faulty.store"), kind, at);
    INFO(outcome.errors);
    if (kind == "kill" || kind == "torn")
      CHECK((outcome.status == 0 || outcome.status == 128 + SIGKILL));
    else
      CHECK((outcome.status == 0 || (outcome.status == 2 && outcome.errors.starts_with("rebasis: faulty.store: "))));
    ++(outcome.status == 0 ? seen.whole : seen.ended);
    check_kept("faulty.store", outcome.output);
    const dse::SweepSummary again = run_sweep(null_study(points), "faulty.store", executor);
    CHECK(again.done == points);
    CHECK(content_of_store("faulty.store") == whole);
  }
  return seen;
}

}  // namespace

TEST_CASE("killed at any write") {
  const Seen between = try_all("kill", 1), within = try_all("torn", 2);
  MESSAGE("killed " << between.ended + within.ended << " times, not reached " << between.whole + within.whole);
  CHECK(between.ended + within.ended > 150 / step);
}

TEST_CASE("a disk that fails at any write") {
  const Seen full = try_all("full", 1), error = try_all("error", 2);
  MESSAGE("failed " << full.ended + error.ended << " times, went on " << full.whole + error.whole);
  CHECK(full.ended + error.ended > 150 / step);
}
