// What the `fast` fidelity counts of each item, and how it closes the accounts.
#include <algorithm>

#include "sim/smartdeal/fast_run.h"

namespace rebasis::sim::smartdeal {

void FastRun::count_basis(std::int64_t slice, std::int64_t matrices) {
  const std::int64_t copies = pass_->filters_of(slice) * matrices;
  const auto bytes = static_cast<std::uint64_t>(layout_.basis_bytes * spec_.element_bytes() * copies);
  out_.counters.weight_ports[Cause::busy] += basis_cycles_ * copies;
  out_.counters[Action::weight_buffer_read] += bytes;
  out_.counters[Action::basis_write] += bytes;
}

void FastRun::count_item(const Candidate& candidate, const ItemCost& cost, const RowSums& sums, std::int64_t entries,
                         std::int64_t width, bool new_row) {
  Counters& counters = out_.counters;
  const auto element = static_cast<std::uint64_t>(spec_.element_bytes());
  const auto lines = static_cast<std::uint64_t>(sums.lines), filters = static_cast<std::uint64_t>(sums.filters);
  const auto segment = static_cast<std::uint64_t>(entries) * element;
  const std::uint64_t taps =
      job_.costs.groups()[static_cast<std::size_t>(candidate.group)].taps.size() * static_cast<std::uint64_t>(width);
  counters.lines[Cause::busy] += std::int64_t{cost.cycles} * sums.lines;
  counters.effective_macs += taps * filters;
  counters[Action::line_fifo_write] += segment * lines;
  counters[Action::booth_encode] += spec_.bit_serial ? static_cast<std::uint64_t>(entries) * lines : 0;
  counters[Action::line_fifo_read] += taps * element * lines;
  if (spec_.bit_serial) {
    const std::uint64_t digits = static_cast<std::uint64_t>(cost.digits) * filters;
    counters[Action::digit_step] += digits;
    counters[Action::zero_step] += static_cast<std::uint64_t>(cost.cycles * spec_.dim_F) * lines - digits;
  } else {
    counters[Action::mac_operation] += taps * filters;
  }
  if (!new_row) return;
  counters.weight_ports[Cause::busy] += sums.fetch_cycles;
  counters.rebuild_engines[Cause::busy] += sums.rebuild_cycles;
  counters[Action::weight_buffer_read] += static_cast<std::uint64_t>(row_bytes_) * filters;
  if (layout_.compressed) {
    const std::uint64_t terms = static_cast<std::uint64_t>(sums.nonzeros * layout_.n);
    counters[Action::basis_read] += terms * element;
    counters[Action::shift_add] += terms;
  } else {
    counters[Action::weight_latch] += static_cast<std::uint64_t>(row_bytes_) * filters;
  }
}

void FastRun::close_lines(Time end) {
  // After its last item a line waits for its slice, the outputs' way out, the other slices, and the memory.
  const Time compute_end = *std::max_element(slices_.gate.begin(), slices_.gate.end());
  const Time drained = time(output_.port_free());
  Account& lines = out_.counters.lines;
  for (const LineBank& line : lines_) {
    for (std::size_t s = 0; s < slices_.gate.size(); ++s) {
      Time now = line.done()[s];
      if (now == 0) {  // nothing was mapped to it
        lines[Cause::idle] += end;
        continue;
      }
      ++out_.counters.mapped_lines;
      const auto wait = [&](Time until, Cause cause) {
        lines[cause] += std::max(0, until - now);
        now = std::max(now, until);
      };
      wait(slices_.done[s], Cause::imbalance);
      wait(slices_.handoff[s], Cause::output);
      wait(slices_.gate[s], Cause::fill_drain);
      wait(compute_end, Cause::imbalance);
      wait(drained, Cause::output);
      wait(end, Cause::dram);
    }
  }
  lines[Cause::imbalance] += waits_.imbalance;
  lines[Cause::output] += waits_.output;
  lines[Cause::fill_drain] += waits_.fill_drain;
  lines[Cause::dram] += waits_.dram;
  lines[Cause::index] += waits_.index;
  lines[Cause::inputs] += waits_.inputs;
  lines[Cause::weights] += waits_.weights;
}

}  // namespace rebasis::sim::smartdeal
