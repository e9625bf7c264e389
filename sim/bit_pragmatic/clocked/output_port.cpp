#include "sim/bit_pragmatic/clocked/output_port.h"

#include "sim/bit_pragmatic/names.h"

namespace rebasis::sim::bit_pragmatic {

OutputPort::OutputPort(const LayerShape& shape, const arch::BitPragmaticSpec& spec, std::int64_t output_bytes,
                       Counters& counters)
    : shape_(shape),
      spec_(spec),
      output_bytes_(output_bytes),
      counters_(counters),
      outputs_(static_cast<std::size_t>(shape.M * shape.E() * shape.F()), 0) {}

void OutputPort::prepare(std::shared_ptr<const StepWork> work) {
  work_ = std::move(work);
  pallet_ = 0;
  pallets_ = work_->sets() / work_->bricks().size();
  column_ = 0;
}

void OutputPort::evaluate(const std::vector<Column>& columns, bool step_active) {
  const bool serves = !finished() && columns[column_].latch().has_value();
  if (serves) ++done_;
  if (step_active) ++account_[serves ? Cause::busy : Cause::idle];
}

void OutputPort::commit(std::vector<Column>& columns) {
  if (!work_ || done_ < spec_.result_cycles(work_->tile().first_chunk)) return;
  done_ = 0;
  write(columns[column_].take_latch());
  ++served_;
  ++column_;
  const bool more = column_ < columns.size() &&
                    work_->window(pallet_ % work_->pallets(), static_cast<std::int64_t>(column_)).has_value();
  if (more) return;
  column_ = 0;
  ++pallet_;
}

void OutputPort::write(const WindowResult& result) {
  const auto filters = static_cast<std::uint64_t>(result.filters.size());
  const auto partial_bytes = static_cast<std::uint64_t>(spec_.accumulator_bytes());
  for (std::int64_t m = result.filters.first; m < result.filters.last; ++m) {
    const std::int64_t position = (m * shape_.E() + result.window.e) * shape_.F() + result.window.f;
    outputs_[static_cast<std::size_t>(position)] += result.sums[static_cast<std::size_t>(m - result.filters.first)];
  }
  const ConvTile& tile = work_->tile();
  if (!tile.first_chunk) {
    counters_.actions[nbout_read] += filters * partial_bytes;
    counters_.actions[accumulate] += filters;
  }
  counters_.actions[nbout_write] +=
      filters * (tile.last_chunk ? static_cast<std::uint64_t>(output_bytes_) : partial_bytes);
  if (tile.last_chunk) counters_.actions[requantise] += filters;
}

}  // namespace rebasis::sim::bit_pragmatic
