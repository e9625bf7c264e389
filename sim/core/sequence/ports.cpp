#include "sim/core/sequence/ports.h"

#include <algorithm>

#include "common/error.h"

namespace rebasis::sim {

namespace {

std::uint64_t bytes_of(const std::vector<Transfer>& transfers) {
  std::uint64_t bytes = 0;
  for (const Transfer& transfer : transfers) bytes += transfer.bytes;
  return bytes;
}

constexpr std::size_t common_actions = 3;  // appended by sequence_names

}  // namespace

CounterNames sequence_names(std::vector<CounterNames::Block> blocks, std::vector<std::string> actions) {
  blocks.push_back({"dma", 1});
  actions.insert(actions.end(), {"dram.read_byte", "dram.write_byte", "controller.cycle"});
  return {std::move(blocks), std::move(actions)};
}

CounterNames sequence_names(std::vector<CounterNames::Block> blocks, std::vector<std::string> actions,
                            const arch::DecoderSpec& decoder) {
  if (decoder.present()) {
    blocks.push_back({decoder_block, static_cast<std::uint64_t>(decoder.streams)});
    actions.insert(actions.end(), decoder_action_names.begin(), decoder_action_names.end());
  }
  CounterNames names = sequence_names(std::move(blocks), std::move(actions));
  names.decoder = decoder.present();
  return names;
}

StepPorts::StepPorts(const StepPlan& plan, DmaLimits limits, DramPort port)
    : plan_(plan), releases_(plan), tile_of_step_(output_tiles(plan)), dma_(limits, plan.channels, std::move(port)) {
  for (std::size_t step = 0; step < plan.steps.size(); ++step) {
    load_job_.emplace_back(plan.steps[step].loads.size(), not_issued);
    load_issued_.emplace_back(plan.steps[step].loads.size(), Dma::never);
    if (plan.steps[step].begins_output) first_step_of_tile_.push_back(step);
  }
  store_job_.assign(first_step_of_tile_.size(), not_issued);
  partial_job_ = store_job_;
  if (plan.decoding) decode_times_.emplace(*plan.decoding);
}

void StepPorts::begin() {
  for (const LoadRef& ref : releases_.initial) issue(ref, 0);
  for (std::size_t tile = 0; tile < std::min(plan_.output_banks, first_step_of_tile_.size()); ++tile)
    read_partial_sums(tile);
}

void StepPorts::issue(LoadRef ref, Cycle at) {
  const Load& load = plan_.steps[ref.step].loads[ref.load];
  load_job_[ref.step][ref.load] =
      dma_.issue(plan_.buffers[load.buffer].channel, load.transfers, false, at, load.coded.has_value());
  load_issued_[ref.step][ref.load] = at;
}

void StepPorts::read_partial_sums(std::size_t tile) {
  const Step& step = plan_.steps[first_step_of_tile_[tile]];
  if (!step.partial_sums.empty()) partial_job_[tile] = dma_.issue_after_last(output_channel, step.partial_sums, false);
}

void StepPorts::release(std::size_t step, Cycle at) {
  for (const LoadRef& ref : releases_.after_step[step]) issue(ref, at);
}

void StepPorts::store(std::size_t step, Cycle at) {
  if (plan_.steps[step].stores.empty()) return;
  const std::size_t tile = tile_of_step_[step];
  store_job_[tile] = dma_.issue(output_channel, plan_.steps[step].stores, true, at);
  if (tile + plan_.output_banks < first_step_of_tile_.size()) read_partial_sums(tile + plan_.output_banks);
}

Cycle StepPorts::loads_done(std::size_t step) const {
  Cycle done = 0;
  for (std::size_t load = 0; load < load_job_[step].size(); ++load) {
    const std::size_t job = load_job_[step][load];
    if (job == not_issued) return Dma::never;
    done = std::max(done, dma_.done(plan_.buffers[plan_.steps[step].loads[load].buffer].channel, job));
  }
  return done;
}

Cycle StepPorts::arrival(std::size_t step, std::size_t load, std::uint64_t bytes) const {
  const std::size_t job = load_job_[step][load];
  return job == not_issued ? Dma::never
                           : dma_.arrival(plan_.buffers[plan_.steps[step].loads[load].buffer].channel, job, bytes);
}

Cycle StepPorts::output_ready(std::size_t step) const {
  if (!plan_.steps[step].begins_output) return 0;
  const std::size_t tile = tile_of_step_[step];
  const auto done = [&](std::size_t job) { return job == not_issued ? Dma::never : dma_.done(output_channel, job); };
  if (!plan_.steps[step].partial_sums.empty()) return done(partial_job_[tile]);
  return tile < plan_.output_banks ? 0 : done(store_job_[tile - plan_.output_banks]);
}

Cycle StepPorts::stores_done() const {
  Cycle last = 0;
  for (const std::size_t job : store_job_)
    last = std::max(last, job == not_issued ? Dma::never : dma_.done(output_channel, job));
  return last;
}

namespace {

template <class Known>
Cycle run_ahead(Dma& dma, const Known& known) {
  while (known() == Dma::never) {
    if (!dma.step_ahead()) fail_internal("a step waits for a transfer that nobody asked for");
  }
  return known();
}

}  // namespace

Cycle StepPorts::finish_loads(std::size_t step) {
  return run_ahead(dma_, [&] { return loads_done(step); });
}
Cycle StepPorts::finish_decoding(std::size_t step) {
  Cycle done = 0;
  const auto& loads = plan_.steps[step].loads;
  for (std::size_t i = 0; i < loads.size(); ++i) {
    if (!loads[i].coded) continue;
    done = std::max(done, decode_times_->load(*loads[i].coded, table_bytes(loads[i]), load_issued_[step][i],
                                              [&](std::uint64_t bytes) { return arrival(step, i, bytes); }));
  }
  return done;
}
Cycle StepPorts::finish_output(std::size_t step) {
  return run_ahead(dma_, [&] { return output_ready(step); });
}
Cycle StepPorts::finish_stores() {
  return run_ahead(dma_, [&] { return stores_done(); });
}

void StepPorts::settle(Counters& counters) const {
  counters.dram = moved_bytes(dma_);
  std::uint64_t read = 0, written = 0;
  for (std::size_t i = 0; i < tensor_classes; ++i) {
    read += dma_.read_bytes()[i];
    written += dma_.written_bytes()[i];
  }
  const std::size_t common = counters.actions.size() - common_actions;
  counters.actions[common] = read;
  counters.actions[common + 1] = written;
  counters.actions[common + 2] = static_cast<std::uint64_t>(counters.cycles);
  const auto add = [&](std::optional<std::size_t> action, std::uint64_t bytes) {
    if (action) counters.actions[*action] += bytes;
  };
  for (const Step& step : plan_.steps) {
    for (const Load& load : step.loads)
      add(plan_.buffers[load.buffer].write_action, load.buffer_bytes.value_or(bytes_of(load.transfers)));
    add(plan_.output_read_action, bytes_of(step.stores));
    add(plan_.output_write_action, bytes_of(step.partial_sums));
  }
  Account& account = counters.blocks.back();
  account[Cause::busy] = dma_.busy_cycles();
  account[Cause::idle] = counters.cycles - dma_.busy_cycles();
}

void StepPorts::settle_decoder(const CounterNames& names, const DecoderCounts& counts, Counters& counters) {
  if (!names.decoder) return;
  Account& account = counters.blocks[counters.blocks.size() - 2];
  account = counts.account;
  account[Cause::idle] =
      static_cast<Cycle>(names.blocks[names.blocks.size() - 2].instances) * counters.cycles - account.total();
  const std::size_t first = counters.actions.size() - common_actions - decoder_actions;
  for (std::size_t i = 0; i < decoder_actions; ++i) counters.actions[first + i] += counts.actions.count[i];
}

}  // namespace rebasis::sim
