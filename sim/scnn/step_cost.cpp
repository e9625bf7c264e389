#include "sim/scnn/step_cost.h"

#include <algorithm>
#include <array>

#include "common/units.h"

namespace rebasis::sim::scnn {

StepId step_id(const Mapping& mapping, std::size_t step) {
  const auto chunks = static_cast<std::size_t>(mapping.chunks);
  return {step / chunks / mapping.groups.size(), step / chunks % mapping.groups.size(),
          static_cast<std::int64_t>(step % chunks)};
}

Drain drain_of_step(const Mapping& mapping, const StepId& id, const arch::ScnnSpec& spec) {
  const FilterGroup& group = mapping.groups[id.group];
  if (!mapping.fully_connected) return drain_of(mapping.tiles[id.tile], group.filters.size(), spec);
  std::int64_t largest = 0;
  for (const WeightStream& lane : group.lanes) largest = std::max(largest, lane.filters.size());
  return drain_of_lanes(group.filters.size(), largest, spec);
}

StepCosts::StepCosts(const DenseLayer& layer, const Mapping& mapping, const Activations& image,
                     const arch::ScnnSpec& spec)
    : layer_(layer), mapping_(mapping), image_(image), spec_(spec), segment_(layer.shape(), mapping.layout, spec) {}

void StepCosts::enter_tile(std::size_t tile) {
  if (tile == tile_) return;
  tile_ = tile;
  patterns_ = std::make_unique<TilePatterns>(image_, layer_.shape(), mapping_.tiles[tile], spec_, segment_);
  segment_.set_classes(patterns_->row_classes(), patterns_->column_classes());
  costs_.assign(patterns_->patterns().size(), {});
  known_for_.assign(costs_.size(), 0);
}

StepCost StepCosts::operator()(std::size_t step, Counters& counters) {
  const StepId id = step_id(mapping_, step);
  const FilterGroup& group = mapping_.groups[id.group];
  enter_tile(id.tile);
  const std::size_t working = mapping_.fully_connected ? group.lanes.size() : patterns_->pes();
  pes_.assign(working, {});
  if (spec_.bank_queue > 1) {
    for (Pe& pe : pes_) pe.queue.assign(static_cast<std::size_t>(spec_.banks), 0);
  }
  bits_ = {};
  landed_ = 0;
  std::vector<Lane> lanes(group.lanes.size());
  for (Lane& lane : lanes) lane.bus_free = spec_.weight_latency;
  for (std::size_t pe = 0; pe < working; ++pe) lanes[mapping_.fully_connected ? pe : 0].pes.push_back(pe);
  for (std::size_t lane = 0; lane < lanes.size(); ++lane)
    run_lane(group.lanes[lane], group.chunk(id.chunk, mapping_.chunks), lanes[lane], counters);
  if (spec_.bank_queue > 1) drain_queues(counters);
  Cycle issue = 1;
  for (const Pe& pe : pes_) issue = std::max(issue, pe.finished);
  for (const Lane& lane : lanes) issue = std::max(issue, lane.bus_free);
  settle(issue, lanes, counters);
  StepCost cost{issue, spec_.pe_stages, 0};
  if (id.chunk + 1 < mapping_.chunks) return cost;
  const Drain drain = drain_of_step(mapping_, id, spec_);
  drain.count(counters, spec_);
  at(counters, Action::output_write) += result_bytes(mapping_.tiles[id.tile], group, mapping_, spec_);
  cost.drain = drain.cycles;
  return cost;
}

void StepCosts::run_lane(const WeightStream& weights, Range channels, Lane& lane, Counters& counters) {
  const auto before = [](const WeightBlock& block, std::int64_t channel) { return block.channel < channel; };
  auto block = std::lower_bound(weights.blocks.begin(), weights.blocks.end(), channels.first, before);
  const auto most = static_cast<std::size_t>(spec_.segment_vectors() * spec_.weights_F);
  for (; block != weights.blocks.end() && block->channel < channels.last; ++block) {
    const std::span<const StoredWeight> stored = weights.of(*block);
    for (std::size_t first = 0; first < stored.size(); first += most) {
      const auto part = stored.subspan(first, std::min(most, stored.size() - first));
      segment_.load(part);
      ++segment_number_;
      bits_.weights += part.size() * static_cast<std::size_t>(spec_.stored_bits());
      run_segment({block->channel, block->residue, first, part.size()}, lane, counters);
    }
  }
}

void StepCosts::run_segment(const WeightBlock& block, Lane& lane, Counters& counters) {
  const auto capacity = static_cast<std::size_t>(spec_.fifo_vectors);
  const auto stored_bits = static_cast<std::uint64_t>(spec_.stored_bits());
  const std::size_t vectors = segment_.vectors();
  // The segment is broadcast when every PE that wants it has room for all of it.
  Cycle send = lane.bus_free;
  for (const std::size_t number : lane.pes) {
    if (patterns_->stored(block.channel, block.residue, tile_pe(number)) == 0) continue;
    Pe& pe = pes_[number];
    for (; pe.fifo + vectors > capacity; pe.held.pop_front()) {
      send = std::max(send, pe.held.front().first);
      pe.fifo -= pe.held.front().second;
    }
  }
  const Cycle sending = ceil_div(static_cast<Cycle>(vectors), spec_.broadcast_vectors);
  lane.bus_free = send + sending;
  lane.bus_busy += sending;
  for (const std::size_t number : lane.pes) {
    const std::uint32_t stored = patterns_->stored(block.channel, block.residue, tile_pe(number));
    if (stored == 0) continue;
    Pe& pe = pes_[number];
    const Cycle start = std::max(pe.finished, send + signal_latency);
    counters.blocks[pes][Cause::weights] += start - pe.finished;
    for (auto& waiting : pe.queue)
      waiting = static_cast<std::uint8_t>(std::max<Cycle>(0, waiting - (start - pe.finished)));
    const auto activations = patterns_->vectors(block.channel, block.residue, tile_pe(number));
    pe.finished =
        start + (pe.queue.empty() ? work(pe, activations, counters) : work_with_queues(pe, activations, counters));
    pe.held.emplace_back(pe.finished, vectors);
    pe.fifo += vectors;
    bits_.inputs += stored * stored_bits;
    bits_.fifo_write += block.stored * stored_bits;
    bits_.fifo_read += block.stored * activations.size() * stored_bits;
  }
}

const SegmentCost& StepCosts::cost_of(std::uint32_t pattern) {
  if (known_for_[pattern] != segment_number_) {
    known_for_[pattern] = segment_number_;
    costs_[pattern] = segment_.cost(patterns_->patterns()[pattern]);
  }
  return costs_[pattern];
}

Cycle StepCosts::work(Pe&, std::span<const std::uint32_t> vectors, Counters& counters) {
  std::uint64_t cycles = 0, products = 0, landed = 0;
  for (const std::uint32_t vector : vectors) {
    const SegmentCost& cost = cost_of(vector);
    cycles += cost.cycles;
    products += cost.products;
    landed += cost.landed;
  }
  const auto steps = static_cast<Cycle>(vectors.size() * segment_.vectors());
  counters.blocks[pes][Cause::busy] += steps;
  counters.blocks[pes][Cause::output] += static_cast<Cycle>(cycles) - steps;
  at(counters, Action::multiply) += products * multiplications(spec_);
  landed_ += landed;
  return static_cast<Cycle>(cycles);
}

Cycle StepCosts::work_with_queues(Pe& pe, std::span<const std::uint32_t> vectors, Counters& counters) {
  Cycle cycles = 0;
  const std::size_t banks = pe.queue.size();
  std::array<std::uint8_t, 128>
      hits;  // a step has at most 64, a queue at most 64: bytes, so that the loops are vectorised
  for (const std::uint32_t vector : vectors) {
    const Pattern& pattern = patterns_->patterns()[vector];
    for (std::size_t v = 0; v < segment_.vectors(); ++v) {
      std::copy(pe.queue.begin(), pe.queue.end(), hits.begin());
      segment_.count_hits(pattern, v, {hits.data(), banks});
      std::uint8_t busiest = 0;
      for (std::size_t b = 0; b < banks; ++b) busiest = std::max(busiest, hits[b]);
      // Products enter as their queues have room; a bank serves one a cycle.
      const auto step = static_cast<std::uint8_t>(std::max<Cycle>(1, busiest - spec_.bank_queue + 1));
      std::uint8_t* const queue = pe.queue.data();
      for (std::size_t b = 0; b < banks; ++b) queue[b] = static_cast<std::uint8_t>(std::max(hits[b], step) - step);
      cycles += step;
    }
    const SegmentCost& cost = cost_of(vector);
    at(counters, Action::multiply) += cost.products * multiplications(spec_);
    landed_ += cost.landed;
  }
  const auto steps = static_cast<Cycle>(vectors.size() * segment_.vectors());
  counters.blocks[pes][Cause::busy] += steps;
  counters.blocks[pes][Cause::output] += cycles - steps;
  return cycles;
}

void StepCosts::drain_queues(Counters& counters) {
  for (Pe& pe : pes_) {
    const Cycle left = *std::max_element(pe.queue.begin(), pe.queue.end());
    pe.finished += left;
    counters.blocks[pes][Cause::output] += left;
  }
}

void StepCosts::settle(Cycle issue, const std::vector<Lane>& lanes, Counters& counters) {
  const Cycle all = spec_.pes();
  Account& pe_account = counters.blocks[pes];
  pe_account[Cause::imbalance] += all * issue;
  for (const Pe& pe : pes_) pe_account[Cause::imbalance] -= pe.finished;
  Account& ports = counters.blocks[weight_ports];
  const Cycle share = mapping_.fully_connected ? 1 : all;  // all ports see the one bus
  Cycle ended = 0;
  for (const Lane& lane : lanes) {
    ports[Cause::busy] += share * lane.bus_busy;
    ports[Cause::fill_drain] += share * spec_.weight_latency;
    ports[Cause::output] += share * (lane.bus_free - lane.bus_busy - spec_.weight_latency);
    ended += share * lane.bus_free;
  }
  ports[Cause::imbalance] += all * issue - ended;
  Account& banks = counters.blocks[accumulator_banks];
  banks[Cause::busy] += static_cast<Cycle>(landed_);
  banks[Cause::idle] += all * spec_.banks * issue - static_cast<Cycle>(landed_);
  counters.effective_macs += landed_;
  at(counters, Action::scatter) += landed_;
  at(counters, Action::accumulator_read) += landed_ * sum_bytes(spec_);
  at(counters, Action::accumulator_write) += landed_ * sum_bytes(spec_);
  bits_.settle(counters);
}

}  // namespace rebasis::sim::scnn
