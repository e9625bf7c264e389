#include "sim/smartdeal/clocked/machine.h"

#include <algorithm>
#include <sstream>

#include "common/error.h"
#include "sim/smartdeal/settle.h"

namespace rebasis::sim::smartdeal {

Machine::Machine(const LayerJob& job, DramPort port)
    : context(job),
      dma({job.spec.dma_request_bytes, job.spec.dma_outstanding}, dma_channels, std::move(port)),
      input(context, slices),
      decoders(context, dma),
      controller(context, slices, dma, decoders),
      output(context, slices, dma) {
  slices.reserve(static_cast<std::size_t>(context.mode.slices));
  for (std::int64_t i = 0; i < context.mode.slices; ++i) slices.emplace_back(context, i);
}

void Machine::commit() {
  input.commit();
  for (PeSlice& slice : slices) slice.commit();
  controller.commit();
  all_done_ = std::min(controller.all_done(), input.passed());
}

bool Machine::finished(Cycle now) const {
  const auto done = [&](const PeSlice& slice) { return slice.basis_idle() && slice.events().gate <= now; };
  return controller.all_handed_off() == context.steps.size() && output.finished(now) &&
         std::all_of(slices.begin(), slices.end(), done);
}

std::uint64_t Machine::progress() const {
  std::uint64_t sum =
      dma.requests() + static_cast<std::uint64_t>(counters.lines[Cause::busy] + counters.selectors[Cause::busy]);
  return sum + decoders.symbols() +
         static_cast<std::uint64_t>(counters.output_port[Cause::busy] + counters.weight_ports[Cause::busy]);
}

std::string Machine::state() const {
  std::ostringstream text;
  text << "tiles passed by the selectors: " << input.passed() << " of " << context.steps.size()
       << "; blocks started: " << controller.started().size() << " of " << context.job.mapping.blocks.size()
       << "; DMA requests: " << dma.requests() << "; slices (done/handed off):";
  for (const PeSlice& slice : slices) text << ' ' << slice.tiles_done() << '/' << slice.tiles_handed_off();
  return text.str();
}

void Machine::close_lines(Cycle end) {
  Cycle compute_end = 0;
  for (const PeSlice& slice : slices) compute_end = std::max(compute_end, slice.events().gate);
  for (PeSlice& slice : slices) {
    const SliceEvents& events = slice.events();
    for (std::int64_t l = 0; l < context.mode.lines; ++l) {
      Cycle waited = slice.line(l).done();
      if (waited == 0) {  // nothing was mapped to it
        counters.lines[Cause::idle] += end;
        continue;
      }
      ++counters.mapped_lines;
      const auto wait = [&](Cycle until, Cause cause) {
        if (until <= waited) return;
        counters.lines[cause] += until - waited;
        waited = until;
      };
      wait(events.done, Cause::imbalance);
      wait(events.handoff, Cause::output);
      wait(events.gate, Cause::fill_drain);
      wait(compute_end, Cause::imbalance);
      wait(output.port_free(), Cause::output);
      wait(end, Cause::dram);
    }
  }
}

void Machine::merge_times() {
  times_.resize(context.steps.size());
  for (const PeSlice& slice : slices) {
    for (const TileTimes& tile : slice.times()) {
      TileTimes& merged = times_[static_cast<std::size_t>(tile.tile)];
      merged.done = std::max(merged.done, tile.done);
    }
  }
  for (std::size_t step = 0; step < times_.size(); ++step) {
    times_[step].block = static_cast<std::int64_t>(context.steps[step].block);
    times_[step].tile = context.steps[step].tile_index;
    times_[step].ready = controller.started()[context.steps[step].block];
    times_[step].drained = times_[step].done;
  }
  for (std::size_t i = 0; i < output.steps().size(); ++i) times_[output.steps()[i]].drained = output.drained()[i];
}

ClockedRun Machine::take_result(Cycle end) {
  counters.cycles = end;
  close_lines(end);
  settle_static_counters(counters, context.job, dma);
  if (decoders.symbols() != counters[Action::huffman_symbol])
    fail_internal("the Huffman decoders decoded another number of coefficients than the blocks have");
  merge_times();
  ClockedRun result;
  result.run.counters = counters;
  if (context.job.keep_tiles) result.run.tiles = times_;
  result.outputs = output.outputs();
  return result;
}

ClockedRun run_machine(const LayerJob& job, const DramPort& port) {
  Machine machine(job, port);
  Watchdog watchdog;
  Cycle now = 0;
  for (; !machine.finished(now); ++now) {
    machine.evaluate_controller(now);
    machine.evaluate_input(now);
    for (std::size_t slice = 0; slice < machine.slices.size(); ++slice) machine.evaluate_slice(now, slice);
    machine.evaluate_output(now);
    machine.evaluate_dma(now);
    machine.evaluate_decoders(now);
    machine.commit();
    watchdog.watch(machine, now);
  }
  return machine.take_result(now);
}

}  // namespace rebasis::sim::smartdeal
