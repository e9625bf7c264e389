#include "sim/core/sequence/fast.h"

#include <algorithm>

namespace rebasis::sim {

void charge_core(const CounterNames& names, Counters& counters, Cause cause, Cycle cycles) {
  const std::size_t others = names.decoder ? 2 : 1;
  for (std::size_t b = 0; b + others < names.blocks.size(); ++b) {
    counters.blocks[b][cause] += cycles * static_cast<Cycle>(names.blocks[b].instances);
  }
}

LayerRun run_sequence(const StepPlan& plan, const CounterNames& names, DmaLimits limits, const DramPort& port,
                      const StepCostFunction& cost, bool keep_steps) {
  StepPorts ports(plan, limits, port);
  LayerRun run{Counters(names), {}};
  Counters& counters = run.counters;
  ports.begin();
  Cycle start = -signal_latency, consumed = 0;  // of the step before
  std::vector<Cycle> complete;                  // of each step
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Cycle moved = ports.finish_loads(i), loads = std::max(moved, ports.finish_decoding(i));
    const Cycle slot = i < plan.result_slots ? 0 : complete[i - plan.result_slots];
    const Cycle output = std::max(ports.finish_output(i), slot);
    const Cycle armed = std::max({loads, output, start + 1}) + signal_latency;
    start = std::max(consumed, armed);
    const Cycle bytes = std::clamp(moved, consumed, start), data = std::clamp(loads, bytes, start);
    const Cycle room = std::clamp(output, data, start);
    charge_core(names, counters, Cause::dram, bytes - consumed);
    charge_core(names, counters, Cause::weights, data - bytes);
    charge_core(names, counters, Cause::output, room - data);
    charge_core(names, counters, Cause::fill_drain, start - room);
    const StepCost time = cost(i, counters);
    consumed = start + time.issue;
    complete.push_back(std::max(consumed + time.latency, complete.empty() ? 0 : complete.back()) + time.drain);
    if (keep_steps) run.steps.push_back({static_cast<std::int64_t>(i), 0, start, consumed, complete.back()});
    ports.release(i, consumed + signal_latency);
    ports.store(i, complete.back() + signal_latency);
  }
  counters.cycles = std::max(complete.back(), ports.finish_stores());
  charge_core(names, counters, Cause::fill_drain, complete.back() - consumed);
  charge_core(names, counters, Cause::output, counters.cycles - complete.back());
  if (counters.working == 0) counters.working = static_cast<std::int64_t>(names.blocks.front().instances);
  ports.settle(counters);
  StepPorts::settle_decoder(names, ports.decoder_counts(), counters);
  check_accounts(names, counters);
  return run;
}

}  // namespace rebasis::sim
