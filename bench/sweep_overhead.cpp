// What the driver of a sweep costs a point when the simulation costs nothing:  sweep_overhead [POINTS]
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "tests/support/sweep_case.h"

namespace {

using namespace rebasis;

double milliseconds_a_point(int points, dse::Executor& executor) {
  const dse::Study study = test::null_study(points);
  const std::string store = test::fresh_store("sweep_overhead.store");
  const auto begin = std::chrono::steady_clock::now();
  const dse::SweepSummary summary = test::run_sweep(study, store, executor);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  (void)test::fresh_store(store);
  return 1000 * seconds / static_cast<double>(summary.done);
}

}  // namespace

int main(int argc, char* argv[]) {
  const int points = argc > 1 ? std::atoi(argv[1]) / 4 * 4 : 1000;
  test::NullExecutor here(2);
  fmt::print("{} points: {:.3f} ms a point (strategy, candidate, claim, store)\n", points,
             milliseconds_a_point(points, here));
  for (const std::size_t slots : {1, 2}) {
    dse::LocalExecutor processes(slots, [](const dse::Job& job) { return dse::to_line(test::null_result(job)); });
    fmt::print("{} points: {:.3f} ms a point with a process each, {} at a time\n", points,
               milliseconds_a_point(points, processes), slots);
  }
  return 0;
}
