#include <algorithm>
#include <cmath>

#include "sim/dynamic/switch_plan.h"

namespace rebasis::sim {
namespace {

enum Action : std::size_t { storage_byte, table_byte, patch_symbol };

std::int64_t divided_up(std::uint64_t value, std::uint64_t by) {
  return static_cast<std::int64_t>((value + by - 1) / by);
}

void count(const SwitchTask& task, Counters& counters) {
  counters.actions[storage_byte] += task.storage_bytes;
  counters.actions[table_byte] += task.table_bytes;
  counters.actions[patch_symbol] += task.patched_weights;
}

/// The unit, cycle by cycle: bytes that have come from storage, and the work on them.
class SwitchUnit : public StepCore {
 public:
  SwitchUnit(const SwitchPlan& plan, const SwitchTiming& timing, const CounterNames& names)
      : plan_(plan), timing_(timing), counters_(names) {}
  [[nodiscard]] std::size_t shells() const override { return 1; }
  void evaluate(std::size_t, Cycle) override {}
  std::vector<std::int64_t> take_outputs() override { return {}; }
  [[nodiscard]] const Counters& counters() const override { return counters_; }

 protected:
  Progress advance(Cycle) override {
    if (!active()) return {};
    const SwitchTask& task = plan_.tasks[step()];
    if (begins()) begin(task);
    const bool works = work_ > 0;
    work_ -= std::min(work_, rate_);
    receive();
    ++counters_.blocks.front()[works ? Cause::busy : Cause::weights];
    if (work_ > 0 || arrived_ < task.storage_bytes) return {};
    count(task, counters_);
    return {true, 1};
  }

 private:
  void begin(const SwitchTask& task) {
    work_ = task.patched_weights != 0 ? task.patched_weights : task.port_bytes;
    rate_ = task.patched_weights != 0 ? timing_.patch_rate : timing_.port_bytes;
    arrived_ = 0;
    credit_ = 0;
    latency_ = task.begins_storage ? timing_.latency : 0;
  }
  /// The storage gives bytes_s / hz bytes a cycle.
  void receive() {
    if (latency_ > 0) {
      --latency_;
      return;
    }
    credit_ += timing_.bytes_s;
    arrived_ += credit_ / timing_.hz;
    credit_ %= timing_.hz;
  }

  const SwitchPlan& plan_;
  SwitchTiming timing_;
  Counters counters_;
  std::uint64_t work_ = 0, rate_ = 1, arrived_ = 0, credit_ = 0;
  std::int64_t latency_ = 0;
};

}  // namespace

SwitchTiming::SwitchTiming(const SwitchSpec& spec, double frequency_hz)
    : latency(static_cast<std::int64_t>(std::ceil(spec.storage_latency_s * frequency_hz - 1e-6))),
      bytes_s(static_cast<std::uint64_t>(std::llround(spec.storage_bytes_s))),
      hz(static_cast<std::uint64_t>(std::llround(frequency_hz))),
      port_bytes(static_cast<std::uint64_t>(spec.port_bytes)),
      patch_rate(static_cast<std::uint64_t>(spec.patch_rate)) {}

CounterNames switch_names() {
  return sequence_names({{"switch_unit", 1}},
                        {"storage.read_byte", "layer_table.write_byte", "huffman_decoder.symbol"});
}

LayerRun run_switch_fast(const SwitchPlan& plan, const SwitchTiming& timing, const CounterNames& names,
                         DmaLimits limits, const DramPort& port) {
  const auto cost = [&](std::size_t index, Counters& counters) {
    const SwitchTask& task = plan.tasks[index];
    const std::int64_t work = task.patched_weights != 0 ? divided_up(task.patched_weights, timing.patch_rate)
                                                        : divided_up(task.port_bytes, timing.port_bytes);
    std::int64_t storage = divided_up(task.storage_bytes * timing.hz, timing.bytes_s);
    if (task.begins_storage) storage += timing.latency;
    const auto issue = std::max<std::int64_t>({1, work, storage});
    counters.blocks.front()[Cause::busy] += work;
    counters.blocks.front()[Cause::weights] += issue - work;
    count(task, counters);
    return StepCost{issue, 0, 0};
  };
  return run_sequence(plan.steps, names, limits, port, cost, true);
}

LayerRun run_switch_clocked(const SwitchPlan& plan, const SwitchTiming& timing, const CounterNames& names,
                            DmaLimits limits, const DramPort& port) {
  SequencedMachine machine(plan.steps, names, limits, port, std::make_unique<SwitchUnit>(plan, timing, names));
  return run_machine(machine, SequencedMachine::first_core_shell + 1).run;
}

}  // namespace rebasis::sim
