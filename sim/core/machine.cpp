#include "sim/core/machine.h"

#include "common/error.h"

namespace rebasis::sim {

namespace {
constexpr Cycle watchdog_cycles = 1'000'000;
constexpr Cycle longest_answer = Cycle{1} << 30;  // a memory that takes longer does not answer
}  // namespace

bool Watchdog::stuck(std::uint64_t progress, Cycle memory_busy_until, Cycle now) {
  if (progress == last_progress_ && (memory_busy_until <= now || memory_busy_until - now >= longest_answer)) {
    return now - last_progress_at_ > watchdog_cycles;
  }
  last_progress_ = progress;
  last_progress_at_ = now;
  return false;
}

void Watchdog::fail(const std::string& state) {
  fail_internal("no progress for " + std::to_string(watchdog_cycles) + " cycles: " + state);
}

ClockedRun run_machine(Machine& machine, std::size_t shells) {
  Watchdog watchdog;
  Cycle now = 0;
  for (; !machine.finished(now); ++now) {
    for (std::size_t shell = 0; shell < shells; ++shell) machine.evaluate(shell, now);
    machine.commit(now);
    watchdog.watch(machine, now);
  }
  return machine.take_result(now);
}

}  // namespace rebasis::sim
