// null_sweep STORE POINTS: a sweep of points that cost nothing. Prints the settings of each point when it is told that
// the point is settled: from then on it must not be lost.
#include <unistd.h>

#include <iostream>

#include "common/json.h"
#include "tests/support/sweep_case.h"

int main(int argc, char* argv[]) {
  using namespace rebasis;
  if (argc != 3) return 64;
  try {
    const dse::Study study = test::null_study(std::stoi(argv[2]));
    test::NullExecutor executor(2);
    (void)test::run_sweep(study, argv[1], executor, {}, [](const dse::SweepSummary&, const dse::PointRow& row) {
      const std::string line = to_line(nlohmann::json(row.settings)) + "\n";
      if (write(STDOUT_FILENO, line.data(), line.size()) < 0) _exit(65);
    });
    return 0;
  } catch (const Error& error) {
    std::cerr << "rebasis: " << error.what() << "\n";
    return static_cast<int>(error.status());
  }
}
