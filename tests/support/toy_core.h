// A datapath that does nothing but take time, and a memory that answers after a fixed time: what the step sequence does
// around any accelerator is then computed by hand.
#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "sim/core/sequence/clocked.h"
#include "sim/core/sequence/fast.h"

namespace rebasis::test {

/// Steps of given costs: a step takes `issue` cycles, goes through a pipeline of `latency` cycles, and occupies a unit
/// for `drain`.
class ToyCore : public sim::StepCore {
 public:
  ToyCore(std::vector<sim::StepCost> costs, const sim::CounterNames& names)
      : costs_(std::move(costs)), counters_(names) {}
  [[nodiscard]] std::size_t shells() const override { return 0; }
  void evaluate(std::size_t, sim::Cycle) override {}
  std::vector<std::int64_t> take_outputs() override { return {}; }
  [[nodiscard]] const sim::Counters& counters() const override { return counters_; }

 protected:
  Progress advance(sim::Cycle now) override {
    Progress progress;
    if (active()) {
      if (begins()) left_ = costs_[step()].issue;
      ++counters_.blocks.front()[sim::Cause::busy];
      progress.consumed = --left_ == 0;
      if (progress.consumed) under_way_.push_back({now + 1 + costs_[step()].latency, costs_[step()].drain});
    }
    for (; !under_way_.empty(); under_way_.pop_front()) {
      unit_free_ = std::max(unit_free_, under_way_.front().leaves_pipeline);
      if (unit_free_ + under_way_.front().drain > now + 1) break;
      unit_free_ += under_way_.front().drain;
      ++progress.completed;
    }
    return progress;
  }

 private:
  struct Result {
    sim::Cycle leaves_pipeline = 0, drain = 0;
  };
  std::vector<sim::StepCost> costs_;
  sim::Counters counters_;
  std::deque<Result> under_way_;
  sim::Cycle left_ = 0, unit_free_ = 0;
};

/// Answers reads and writes after fixed times, any number at once.
inline sim::DramPort fixed_memory(sim::Cycle read, sim::Cycle write) {
  return [=](const sim::DramRequest& request, sim::Cycle now) { return now + (request.write ? write : read); };
}

inline sim::CounterNames toy_names() {
  return sim::sequence_names({{"core", 1}}, {"buffer.write_byte", "output.read_byte", "output.write_byte"});
}

/// Both fidelities of a plan.
inline sim::LayerRun toy_fast(const sim::StepPlan& plan, const std::vector<sim::StepCost>& costs,
                              const sim::CounterNames& names, sim::DmaLimits limits, const sim::DramPort& port) {
  const auto cost = [&](std::size_t step, sim::Counters& counters) {
    counters.blocks.front()[sim::Cause::busy] += costs[step].issue;
    return costs[step];
  };
  return sim::run_sequence(plan, names, limits, port, cost, true);
}
inline sim::LayerRun toy_clocked(const sim::StepPlan& plan, const std::vector<sim::StepCost>& costs,
                                 const sim::CounterNames& names, sim::DmaLimits limits, const sim::DramPort& port) {
  sim::SequencedMachine machine(plan, names, limits, port, std::make_unique<ToyCore>(costs, names));
  return sim::run_machine(machine, sim::SequencedMachine::first_core_shell).run;
}

}  // namespace rebasis::test
