#include "sim/smartdeal/output_port.h"

#include <algorithm>

#include "common/error.h"
#include "common/units.h"
#include "sim/smartdeal/latencies.h"

namespace rebasis::sim::smartdeal {

std::int64_t output_port_bytes(const arch::SmartDealSpec& spec) {
  return spec.output_gb_banks * spec.output_gb_port_bits / 8;
}

std::int64_t slice_output_bytes(const Block& block, const Tile& tile, std::int64_t filters,
                                const arch::SmartDealSpec& spec) {
  const std::int64_t element =
      block.last_chunk ? spec.element_bytes() : ceil_div<std::int64_t>(spec.accumulator_bits, 8);
  return filters * tile.width * element;
}

std::int64_t summed_lines(const LayerShape& shape, const arch::SmartDealSpec& spec) {
  return shape.depthwise() ? std::min(shape.R, spec.dim_C) : spec.dim_C;
}

void count_outputs(const Block& block, const Tile& tile, std::int64_t filters, const arch::SmartDealSpec& spec,
                   std::int64_t lines, Counters& counters) {
  const auto outputs = static_cast<std::uint64_t>(filters * tile.width);
  const auto bytes = static_cast<std::uint64_t>(slice_output_bytes(block, tile, filters, spec));
  counters[Action::tree_add] += outputs * static_cast<std::uint64_t>(lines - 1 + (block.adds_partial_sums ? 1 : 0));
  counters[Action::requantise] += block.last_chunk ? outputs : 0;
  counters[Action::output_fifo_write] += bytes;
  counters[Action::output_fifo_read] += bytes;
  counters[Action::output_gb_write] += bytes;
  counters[Action::output_gb_read] += bytes;
  if (block.adds_partial_sums) {  // through the output buffer as well
    const std::uint64_t partial =
        outputs * static_cast<std::uint64_t>(ceil_div<std::int64_t>(spec.accumulator_bits, 8));
    counters[Action::output_gb_write] += partial;
    counters[Action::output_gb_read] += partial;
  }
}

OutputPort::OutputPort(const arch::SmartDealSpec& spec, const LayerShape& shape, const Mapping& mapping, Dma& dma,
                       Counters& counters)
    : spec_(spec),
      summed_lines_(summed_lines(shape, spec)),
      dma_(dma),
      counters_(counters),
      batches_(output_batches(shape, mapping, spec)),
      read_job_(batches_.size(), SIZE_MAX),
      slots_(static_cast<std::size_t>(mapping.output_slots)),
      left_(static_cast<std::size_t>(spec.dim_M)),
      handed_(static_cast<std::size_t>(spec.dim_M)) {}

void OutputPort::step() {
  if (!dma_.step_ahead()) fail_internal("the outputs wait for a slot that never becomes free");
}

Cycle OutputPort::room(std::int64_t slice) {
  const auto s = static_cast<std::size_t>(slice);
  const auto capacity = static_cast<std::size_t>(spec_.output_fifo_tiles);
  if (handed_[s] < capacity) return 0;
  const std::size_t oldest = handed_[s] - capacity;
  for (settle(); left_[s].size() <= oldest; settle()) step();
  return left_[s][oldest];
}

void OutputPort::push(const Block& block, const Tile& tile, const PassWeights& pass, std::vector<Cycle> handoff) {
  for (std::size_t s = 0; s < handoff.size(); ++s) ++handed_[s];
  pending_.push_back({&block, tile, &pass, std::move(handoff)});
}

Cycle OutputPort::finish_load(std::size_t job) {
  for (settle(); dma_.done(load_channel, job) == Dma::never; settle()) step();
  return dma_.done(load_channel, job);
}

Cycle OutputPort::finish() {
  for (settle(); !pending_.empty(); settle()) step();
  if (write_job_.empty()) return 0;
  while (dma_.done(output_channel, write_job_.back()) == Dma::never) step();
  return dma_.done(output_channel, write_job_.back());
}

void OutputPort::settle() {
  while (!pending_.empty() && slot_free() != Dma::never) {
    drain(pending_.front());
    pending_.pop_front();
  }
}

Cycle OutputPort::slot_free() const {
  if (in_batch_ > 0) return 0;  // the bank is ours
  const std::size_t batch = write_job_.size();
  if (!batches_[batch].partial_sums.empty()) return dma_.done(output_channel, read_job_[batch]);
  return batch < slots_ ? 0 : dma_.done(output_channel, write_job_[batch - slots_]);
}

void OutputPort::drain(const Pending& pending) {
  const Cycle slot = slot_free();
  counters_.output_port[Cause::dram] += std::max<Cycle>(0, slot - port_free_);
  port_free_ = std::max(port_free_, slot);
  for (std::size_t s = 0; s < pending.handoff.size(); ++s) {
    const std::int64_t filters = pending.pass->filters_of(static_cast<std::int64_t>(s));
    const Cycle ready = pending.handoff[s] + handoff_cycles + output_latency(spec_);
    counters_.output_port[Cause::imbalance] += std::max<Cycle>(0, ready - port_free_);
    const Cycle cycles =
        ceil_div(slice_output_bytes(*pending.block, pending.tile, filters, spec_), output_port_bytes(spec_));
    port_free_ = std::max(port_free_, ready) + cycles;
    counters_.output_port[Cause::busy] += cycles;
    left_[s].push_back(port_free_);
    count_outputs(*pending.block, pending.tile, filters, spec_, summed_lines_, counters_);
  }
  drained_.push_back(port_free_);
  issue(port_free_);
}

void OutputPort::issue(Cycle at) {
  if (++in_batch_ < batches_[write_job_.size()].groups) return;
  in_batch_ = 0;
  const std::size_t later = write_job_.size() + slots_;  // takes over the bank
  write_job_.push_back(dma_.issue(output_channel, batches_[write_job_.size()].writes, true, at));
  if (later < batches_.size() && !batches_[later].partial_sums.empty()) {
    read_job_[later] = dma_.issue_after_last(output_channel, batches_[later].partial_sums, false);
  }
}

}  // namespace rebasis::sim::smartdeal
