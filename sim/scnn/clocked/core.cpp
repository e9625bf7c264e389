#include "sim/scnn/clocked/core.h"

#include <algorithm>
#include <sstream>

namespace rebasis::sim::scnn {

ClockedCore::ClockedCore(const DenseLayer& layer, const Mapping& mapping, const Activations& image,
                         const arch::ScnnSpec& spec, const CounterNames& names)
    : layer_(layer),
      mapping_(mapping),
      spec_(spec),
      pes_(static_cast<std::size_t>(spec.pes()), Pe(layer_.shape(), mapping, image, spec)),
      counts_(pes_.size()),
      lane_of_(pes_.size()),
      ppu_(layer_.shape(), mapping.layout, pes_, spec),
      counters_(names) {
  prepare(0);
}

ClockedCore::Place ClockedCore::place(std::size_t step) const {
  const auto chunks = static_cast<std::size_t>(mapping_.chunks);
  return {step / chunks / mapping_.groups.size(), step / chunks % mapping_.groups.size(),
          static_cast<std::int64_t>(step % chunks)};
}

void ClockedCore::prepare(std::size_t step) {
  if (step == mapping_.tiles.size() * mapping_.groups.size() * static_cast<std::size_t>(mapping_.chunks)) return;
  prepared_ = step;
  const Place at_step = place(step);
  const FilterGroup& group = mapping_.groups[at_step.group];
  const PlanarTile& tile = mapping_.tiles[at_step.tile];
  const auto columns = static_cast<std::size_t>(spec_.pe_columns);
  const std::size_t lanes = group.lanes.size();
  pe_filters_.assign(pes_.size(), {});
  std::vector<std::vector<Pe*>> on_lane(lanes);
  for (std::size_t pe = 0; pe < pes_.size(); ++pe) {
    const std::size_t i = mapping_.fully_connected ? 0 : pe / columns, j = mapping_.fully_connected ? 0 : pe % columns;
    const bool used =
        i < tile.row_slices.size() && j < tile.column_slices.size() && (!mapping_.fully_connected || pe < lanes);
    if (tile_ != at_step.tile || mapping_.fully_connected)
      pes_[pe].enter_tile(tile, used ? &tile.row_slices[i] : nullptr, used ? &tile.column_slices[j] : nullptr);
    lane_of_[pe] = mapping_.fully_connected ? std::min(pe, lanes - 1) : 0;
    if (!used) continue;
    pe_filters_[pe] = group.lanes[lane_of_[pe]].filters;
    on_lane[lane_of_[pe]].push_back(&pes_[pe]);
  }
  tile_ = at_step.tile;
  const std::size_t buffer =
      step / static_cast<std::size_t>(mapping_.chunks) % static_cast<std::size_t>(spec_.accumulator_buffers);
  lanes_.assign(lanes, {});
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const Range filters = group.lanes[lane].filters;
    lanes_[lane].begin(bus_segments(layer_, spec_, filters, group.chunk(at_step.chunk, mapping_.chunks)), on_lane[lane],
                       spec_.weight_latency);
    for (Pe* pe : on_lane[lane]) pe->begin(filters.first, buffer, at_step.chunk == 0, lanes_[lane].segments());
  }
  for (std::size_t pe = 0; pe < pes_.size(); ++pe) {
    if (pe_filters_[pe].size() == 0) pes_[pe].begin(0, buffer, false, {});
  }
}

void ClockedCore::evaluate(std::size_t shell, Cycle now) {
  if (shell == ppu_shell) ppu_.evaluate(now, counters_);
  if (!active()) return;
  if (shell == broadcast_shell) evaluate_broadcast();
  if (shell >= first_pe_shell) {
    const std::size_t pe = shell - first_pe_shell;
    const bool used = pe_filters_[pe].size() > 0;
    pes_[pe].evaluate(used ? lanes_[lane_of_[pe]].shown() : BroadcastLane::Shown{}, counts_[pe]);
  }
}

void ClockedCore::evaluate_broadcast() {
  Account& ports = counters_.blocks[weight_ports];
  const std::int64_t share = mapping_.fully_connected ? 1 : spec_.pes();
  std::int64_t left = spec_.pes();
  for (BroadcastLane& lane : lanes_) {
    const auto activity = lane.evaluate(spec_, broadcast_bits_);
    const Cause cause = activity == BroadcastLane::Activity::reading   ? Cause::fill_drain
                        : activity == BroadcastLane::Activity::sending ? Cause::busy
                        : activity == BroadcastLane::Activity::no_room ? Cause::output
                                                                       : Cause::imbalance;
    if (cause == Cause::busy) ++vectors_sent_;
    ports[cause] += share;
    left -= share;
  }
  ports[Cause::imbalance] += left;
}

void ClockedCore::settle_cycle() {
  Account& banks = counters_.blocks[accumulator_banks];
  for (PeCounts& counts : counts_) {
    counters_.blocks[pes] += counts.account;
    banks[Cause::busy] += static_cast<std::int64_t>(counts.served);
    banks[Cause::idle] += spec_.banks - static_cast<std::int64_t>(counts.served);
    counters_.effective_macs += counts.landed;
    at(counters_, Action::multiply) += counts.products * multiplications(spec_);
    at(counters_, Action::scatter) += counts.landed;
    at(counters_, Action::accumulator_read) += counts.served * sum_bytes(spec_);
    at(counters_, Action::accumulator_write) += counts.served * sum_bytes(spec_);
    counts.account = {};
    counts.products = counts.landed = counts.served = 0;
  }
}

StepCore::Progress ClockedCore::advance(Cycle now) {
  Progress progress;
  if (active()) {
    settle_cycle();
    for (Pe& pe : pes_) pe.advance();
    for (BroadcastLane& lane : lanes_) lane.advance();
    progress.consumed =
        std::all_of(pes_.begin(), pes_.end(), [](const Pe& pe) { return pe.done(); }) &&
        std::all_of(lanes_.begin(), lanes_.end(), [](const BroadcastLane& lane) { return lane.all_sent(); });
    if (progress.consumed) finish_step(now);
  }
  progress.completed = ppu_.take_completed(now);
  return progress;
}

void ClockedCore::finish_step(Cycle now) {
  const Place done = place(prepared_);
  StepBits bits = broadcast_bits_;
  for (PeCounts& counts : counts_) {
    bits.inputs += counts.bits.inputs;
    bits.fifo_read += counts.bits.fifo_read;
    bits.fifo_write += counts.bits.fifo_write;
    counts.bits = {};
  }
  bits.settle(counters_);
  broadcast_bits_ = {};
  const bool last = done.chunk + 1 == mapping_.chunks;
  const std::size_t buffer =
      prepared_ / static_cast<std::size_t>(mapping_.chunks) % static_cast<std::size_t>(spec_.accumulator_buffers);
  const std::uint64_t bytes =
      last ? result_bytes(mapping_.tiles[done.tile], mapping_.groups[done.group], mapping_, spec_) : 0;
  Ppu::Job job{now + 1 + spec_.pe_stages, last, buffer, pe_filters_, {}, {}, bytes};
  for (const Pe& pe : pes_) {
    job.rows.push_back(pe.row());
    job.columns.push_back(pe.column());
  }
  ppu_.add(std::move(job));
  prepare(prepared_ + 1);
}

std::string ClockedCore::state() const {
  std::ostringstream text;
  const auto done = std::count_if(pes_.begin(), pes_.end(), [](const Pe& pe) { return pe.done(); });
  text << done << " of " << pes_.size() << " PEs done with the step, " << vectors_sent_ << " weight vectors sent, PPU "
       << (ppu_.draining() ? "draining" : "idle");
  return text.str();
}

std::vector<int> ClockedCore::probes() const {
  const auto count = [&](auto predicate) {
    return static_cast<int>(std::count_if(pes_.begin(), pes_.end(), predicate));
  };
  return {static_cast<int>(vectors_sent_), count([](const Pe& pe) { return pe.multiplying(); }),
          count([](const Pe& pe) { return pe.in_conflict(); }), ppu_.draining() ? 1 : 0};
}

}  // namespace rebasis::sim::scnn
