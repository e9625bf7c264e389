// A clocked accelerator without its clock: cores that a SystemC shell each, or a test, steps cycle by cycle.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/counters.h"

namespace rebasis::sim {

/// When a piece of work got its data, was computed and left the array: for the timeline and for finding the first
/// difference.
struct StepTimes {
  std::int64_t block = 0, tile = 0;  ///< which piece; the plan names it
  Cycle ready = 0;                   ///< it could begin
  Cycle done = 0;                    ///< its inputs have been consumed
  Cycle drained = 0;                 ///< its last result is in the output buffer
  bool operator==(const StepTimes&) const = default;
};

struct LayerRun {
  Counters counters;
  std::vector<StepTimes> steps;
};

/// A clocked run and the values it computed: [M][E][F] sums of products in integer units, without bias.
struct ClockedRun {
  LayerRun run;
  std::vector<std::int64_t> outputs;
  std::vector<std::int32_t> decoded_weights{};  ///< of a layer with coded weights: LayerPlan::integer_weights
};

/// One layer and image in progress. A cycle is: evaluate() of every shell once, in any order (each reads what the
/// others showed at the end of the cycle before), then commit().
class Machine {
 public:
  virtual ~Machine() = default;
  virtual void evaluate(std::size_t shell, Cycle now) = 0;
  virtual void commit(Cycle now) = 0;
  /// Everything is done as of the start of cycle `now`.
  [[nodiscard]] virtual bool finished(Cycle now) const = 0;
  /// Changes whenever any block makes progress; for the watchdog.
  [[nodiscard]] virtual std::uint64_t progress() const = 0;
  /// Until when an answer of the memory is due.
  [[nodiscard]] virtual Cycle memory_busy_until() const = 0;
  /// What every block is waiting for.
  [[nodiscard]] virtual std::string state() const = 0;
  /// Values of the waveform, in the order of the model's probe names, at cycle `now`.
  [[nodiscard]] virtual std::vector<int> probes(Cycle now) const = 0;
  virtual ClockedRun take_result(Cycle end) = 0;
};

/// Fails with the machine's state when nothing has happened for very long although no answer of the memory is due.
class Watchdog {
 public:
  /// Once a cycle. `progress`, `memory_busy_until` and `state` as in Machine.
  template <class AnyMachine>
  void watch(const AnyMachine& machine, Cycle now) {
    if (stuck(machine.progress(), machine.memory_busy_until(), now)) fail(machine.state());
  }

 private:
  bool stuck(std::uint64_t progress, Cycle memory_busy_until, Cycle now);
  [[noreturn]] static void fail(const std::string& state);

  std::uint64_t last_progress_ = 0;
  Cycle last_progress_at_ = 0;
};

/// Runs a machine of `shells` shells without a SystemC kernel.
[[nodiscard]] ClockedRun run_machine(Machine& machine, std::size_t shells);

}  // namespace rebasis::sim
