#include "sim/core/sequence/clocked.h"

#include <sstream>

#include "sim/core/sequence/fast.h"

namespace rebasis::sim {

void StepCore::commit(Cycle now) {
  const bool was_active = active();
  const bool began = begins();
  const Progress progress = advance(now);
  if (began) ++started_;
  if (was_active && progress.consumed) ++consumed_;
  completed_ += progress.completed;
}

SequencedMachine::SequencedMachine(const StepPlan& plan, const CounterNames& names, DmaLimits limits,
                                   const DramPort& port, std::unique_ptr<StepCore> core)
    : plan_(plan), names_(names), ports_(plan, limits, port), core_(std::move(core)), times_(plan.steps.size()) {
  if (plan.decoding) decoder_ = std::make_unique<WeightDecoder>(plan_, ports_);
  ports_.begin();
}

bool SequencedMachine::slot_free(std::size_t step) const {
  return step < plan_.result_slots || core_->completed() > step - plan_.result_slots;
}

void SequencedMachine::control(Cycle now) {
  for (; released_ < core_->consumed(); ++released_) ports_.release(released_, now + signal_latency);
  for (; stored_ < core_->completed(); ++stored_) ports_.store(stored_, now + signal_latency);
  const bool next_known = armed_ < plan_.steps.size() && armed_ == core_->started();
  if (next_known && ports_.loads_done(armed_) <= now && decoded(armed_) <= now && ports_.output_ready(armed_) <= now &&
      slot_free(armed_))
    ++armed_;
}

void SequencedMachine::evaluate(std::size_t shell, Cycle now) {
  if (shell == controller_shell)
    control(now);
  else if (shell == dma_shell)
    ports_.dma().tick(now);
  else if (shell < first_core_shell + core_->shells())
    core_->evaluate(shell - first_core_shell, now);
  else if (shell == first_core_shell + core_->shells() && decoder_)  // others: of units that this layer does not use
    decoder_->evaluate(now);
}

Cause SequencedMachine::wait_cause(Cycle now) const {
  const std::size_t next = core_->started();
  if (next == plan_.steps.size()) return core_->completed() == next ? Cause::output : Cause::fill_drain;
  if (ports_.loads_done(next) > now) return Cause::dram;
  if (decoded(next) > now) return Cause::weights;
  if (ports_.output_ready(next) > now || !slot_free(next)) return Cause::output;
  return Cause::fill_drain;
}

void SequencedMachine::commit(Cycle now) {
  if (!core_->active()) ++waits_[wait_cause(now)];
  const std::size_t started = core_->started(), consumed = core_->consumed(), completed = core_->completed();
  core_->commit(now);
  core_->arm(armed_);
  for (std::size_t i = started; i < core_->started(); ++i) times_[i] = {static_cast<std::int64_t>(i), 0, now, 0, 0};
  for (std::size_t i = consumed; i < core_->consumed(); ++i) times_[i].done = now + 1;
  for (std::size_t i = completed; i < core_->completed(); ++i) times_[i].drained = now + 1;
}

bool SequencedMachine::finished(Cycle now) const {
  return core_->completed() == plan_.steps.size() && ports_.stores_done() <= now;
}

std::uint64_t SequencedMachine::progress() const {
  return ports_.dma().requests() + (decoder_ ? decoder_->progress() : 0) + core_->started() + core_->consumed() +
         core_->completed() + core_->counters().effective_macs +
         static_cast<std::uint64_t>(core_->counters().blocks.front()[Cause::busy]);
}

std::string SequencedMachine::state() const {
  std::ostringstream text;
  text << "steps armed " << armed_ << ", started " << core_->started() << ", consumed " << core_->consumed()
       << ", completed " << core_->completed() << " of " << plan_.steps.size() << "; DMA requests "
       << ports_.dma().requests() << "; " << core_->state();
  return text.str();
}

std::vector<int> SequencedMachine::probes(Cycle now) const {
  const bool waits = !core_->active();
  std::vector<int> values{static_cast<int>(core_->started()), waits && wait_cause(now) == Cause::dram ? 1 : 0,
                          waits && wait_cause(now) == Cause::output ? 1 : 0, static_cast<int>(ports_.dma().requests())};
  const std::vector<int> core = core_->probes();
  values.insert(values.end(), core.begin(), core.end());
  return values;
}

std::vector<std::string> SequencedMachine::probe_names(std::vector<std::string> core_probes) {
  core_probes.insert(core_probes.begin(),
                     {"controller.steps", "controller.waits_dram", "controller.waits_output", "dma.requests"});
  return core_probes;
}

std::vector<std::string> SequencedMachine::shell_names(std::vector<std::string> core_shells) {
  core_shells.insert(core_shells.begin(), {"controller", "dma"});
  return core_shells;
}

ClockedRun SequencedMachine::take_result(Cycle end) {
  Counters counters = core_->counters();
  counters.cycles = end;
  for (const Cause cause : {Cause::dram, Cause::weights, Cause::output, Cause::fill_drain})
    charge_core(names_, counters, cause, waits_[cause]);
  if (counters.working == 0) counters.working = static_cast<std::int64_t>(names_.blocks.front().instances);
  ports_.settle(counters);
  StepPorts::settle_decoder(names_, decoder_ ? decoder_->counts() : DecoderCounts{}, counters);
  check_accounts(names_, counters);
  ClockedRun result{{std::move(counters), std::move(times_)}, core_->take_outputs()};
  if (decoder_) result.decoded_weights = decoder_->decoded_weights();
  return result;
}

}  // namespace rebasis::sim
