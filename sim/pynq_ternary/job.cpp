#include "sim/pynq_ternary/job.h"

#include "sim/pynq_ternary/names.h"

namespace rebasis::sim::pynq_ternary {

namespace {

/// Copies of the first block that the layer gives no work at all are idle while the others wait.
void rest_idle_copies(const Job& job, Counters& counters) {
  const auto idle = static_cast<std::int64_t>(job.names.blocks[engines].instances) - counters.working;
  Account& account = counters.blocks[engines];
  for (const Cause cause : {Cause::dram, Cause::output, Cause::fill_drain}) {
    const std::int64_t waits = counters.blocks[indexer][cause];  // of a block that is busy or idle within steps
    account[cause] -= idle * waits;
    account[Cause::idle] += idle * waits;
  }
}

void set_account(Account& account, std::int64_t busy, std::int64_t total) {
  account = {};
  account[Cause::busy] = busy;
  account[Cause::idle] = total - busy;
}

}  // namespace

void complete_run(const Job& job, LayerRun& run, std::int64_t scaling, std::int64_t beats) {
  Counters& counters = run.counters;
  const Cycle start = job.spec.host_start;
  for (std::size_t b = 0; b + 1 < counters.blocks.size(); ++b) {
    counters.blocks[b][Cause::fill_drain] += start * static_cast<std::int64_t>(job.names.blocks[b].instances);
  }
  counters.blocks.back()[Cause::idle] += start;
  counters.actions.back() += static_cast<std::uint64_t>(start);  // controller.cycle
  counters.cycles += start;
  rest_idle_copies(job, counters);
  set_account(counters.blocks[output_path], scaling, counters.cycles);
  set_account(counters.blocks[axi_channels], beats,
              counters.cycles * static_cast<std::int64_t>(job.names.blocks[axi_channels].instances));
  counters.actions[axi_beat] = static_cast<std::uint64_t>(beats);
  for (StepTimes& step : run.steps) {
    step.ready += start;
    step.done += start;
    step.drained += start;
  }
  check_accounts(job.names, counters);
}

}  // namespace rebasis::sim::pynq_ternary
