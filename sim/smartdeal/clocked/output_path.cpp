#include "sim/smartdeal/clocked/output_path.h"

#include "common/units.h"
#include "sim/smartdeal/output_port.h"

namespace rebasis::sim::smartdeal {

OutputPath::OutputPath(const Context& context, std::vector<PeSlice>& slices, Dma& dma)
    : context_(context),
      slices_(slices),
      dma_(dma),
      batches_(output_batches(context.shape, context.job.mapping, context.spec)),
      read_job_(batches_.size()),
      outputs_(static_cast<std::size_t>(context.shape.M * context.shape.E() * context.shape.F())) {
  for (std::size_t step = 0; step < context.steps.size(); ++step) {
    if (context.block(step).emits) steps_.push_back(step);
  }
}

bool OutputPath::slot_ready(Cycle now) const {
  if (in_batch_ > 0) return true;
  if (!batches_[batch_].partial_sums.empty()) return dma_.done(output_channel, read_job_[batch_]) <= now;
  const auto slots = static_cast<std::size_t>(context_.job.mapping.output_slots);
  return batch_ < slots || dma_.done(output_channel, write_job_[batch_ - slots]) <= now;
}

void OutputPath::evaluate(Cycle now, Counters& counters) {
  if (group_ == steps_.size()) return;
  if (!transferring_) {
    if (!slot_taken_ && !slot_ready(now)) {
      counters.output_port[Cause::dram] += 1;
      return;
    }
    slot_taken_ = true;
    auto& fifo = slices_[static_cast<std::size_t>(slice_)].outputs();
    if (fifo.empty() || fifo.front().ready > now) {
      counters.output_port[Cause::imbalance] += 1;
      return;
    }
    take(now, std::move(fifo.front()), counters);
    fifo.pop_front();
  }
  counters.output_port[Cause::busy] += 1;
  if (now + 1 == port_free_) finish_slice(port_free_);
}

void OutputPath::take(Cycle now, SliceOutput&& output, Counters& counters) {
  const TileStep& step = context_.steps[output.step];
  const Block& block = context_.block(output.step);
  const std::vector<std::int64_t> filters = context_.filters(output.step, slice_);
  const std::int64_t bytes =
      slice_output_bytes(block, step.tile, static_cast<std::int64_t>(filters.size()), context_.spec);
  port_free_ = now + ceil_div(bytes, output_port_bytes(context_.spec));
  transferring_ = true;
  count_outputs(block, step.tile, static_cast<std::int64_t>(filters.size()), context_.spec,
                summed_lines(context_.shape, context_.spec), counters);
  std::size_t i = 0;
  for (const std::int64_t filter : filters) {
    for (std::int64_t f = 0; f < step.tile.width; ++f) {
      const std::int64_t column = step.tile.index * context_.spec.dim_F + f;
      // Partial sums of earlier chunks come back from DRAM and are added here.
      outputs_[static_cast<std::size_t>((filter * context_.shape.E() + step.tile.e) * context_.shape.F() + column)] +=
          output.sums[i++];
    }
  }
}

void OutputPath::finish_slice(Cycle end) {
  transferring_ = false;
  slices_[static_cast<std::size_t>(slice_)].output_drained();
  if (++slice_ < context_.active_slices(steps_[group_])) return;
  drained_.push_back(end);
  slice_ = 0;
  slot_taken_ = false;
  ++group_;
  if (++in_batch_ < batches_[batch_].groups) return;
  write_job_.push_back(dma_.issue(output_channel, batches_[batch_].writes, true, end));
  const std::size_t later = batch_ + static_cast<std::size_t>(context_.job.mapping.output_slots);
  if (later < batches_.size() && !batches_[later].partial_sums.empty()) {
    read_job_[later] = dma_.issue_after_last(output_channel, batches_[later].partial_sums, false);
  }
  in_batch_ = 0;
  ++batch_;
}

bool OutputPath::finished(Cycle now) const {
  return group_ == steps_.size() && (write_job_.empty() || dma_.done(output_channel, write_job_.back()) <= now);
}

Cycle OutputPath::last_write_done() const {
  return write_job_.empty() ? 0 : dma_.done(output_channel, write_job_.back());
}

}  // namespace rebasis::sim::smartdeal
