// The weight side of a PE line: MUX1 and its port, the rebuild engines, and the basis fetches.
#include <algorithm>
#include <cstdlib>

#include "common/error.h"
#include "common/units.h"
#include "sim/smartdeal/clocked/pe_line.h"
#include "sim/smartdeal/pass_weights.h"

namespace rebasis::sim::smartdeal {

void PeLine::add_row(const Packet& packet) {
  Row row;
  row.step = packet.step;
  row.row = packet.pair.row;
  row.region = packet.region;
  row.announced = announced_;
  const std::int64_t cycles = ceil_div(row_bytes(context_.layout, context_.spec), context_.spec.line_weight_bytes());
  for (const std::int64_t filter : context_.filters(packet.step, slice_)) {
    row.weights.emplace_back();
    if (context_.row_is_zero(filter, row.row)) continue;
    row.fetch_cycles += cycles;
    row.weights.back() = rebuilt_row(filter, row);
    if (!context_.layout.compressed) continue;
    const std::int64_t count =
        context_.job.layer.nonzeros[static_cast<std::size_t>(filter * context_.layout.rows + row.row)];
    row.rebuild_cycles = std::max(row.rebuild_cycles, ceil_div(count, context_.spec.rebuild_terms));
  }
  rows_.push_back(std::move(row));
}

/// What the RE's shift-and-add unit computes: sum over r of sign * (B[r] << (P[e_r] - P[0])).
std::vector<std::int32_t> PeLine::rebuilt_row(std::int64_t filter, const Row& row) const {
  const WeightLayout& layout = context_.layout;
  const auto n = static_cast<std::size_t>(layout.n);
  std::vector<std::int32_t> weights(n);
  const auto position = static_cast<std::size_t>((filter * layout.rows + row.row) * layout.n);
  if (!layout.compressed) {
    for (std::size_t s = 0; s < n; ++s)
      weights[s] = static_cast<std::int32_t>(context_.job.layer.original[position + s]);
    return weights;
  }
  const encode::SmartDealForm& form = context_.job.layer.form;
  const std::int64_t basis = filter * layout.bases + layout.basis_of_row[static_cast<std::size_t>(row.row)];
  const std::int8_t* const matrix = form.basis.data() + static_cast<std::size_t>(basis) * n * n;
  for (std::size_t r = 0; r < n; ++r) {
    const auto coefficient = static_cast<int>(form.coefficients[position + r]);
    if (coefficient == 0) continue;
    const int shift =
        form.info.exponents[static_cast<std::size_t>(std::abs(coefficient) - 1)] - form.info.exponents.front();
    for (std::size_t s = 0; s < n; ++s) {
      const std::int32_t term = static_cast<std::int32_t>(matrix[r * n + s]) * (std::int32_t{1} << shift);
      weights[s] += coefficient > 0 ? term : -term;
    }
  }
  return weights;
}

void PeLine::rebuild(Cycle now, Counters& counters) {
  if (rebuild_left_ == 0) {
    const auto next =
        std::find_if(rows_.begin(), rows_.end(), [](const Row& row) { return row.fetched && !row.rebuilt; });
    if (next == rows_.end()) return;
    if (next->region > loaded_ || next->region <= issued_ - context_.engines) {
      fail_internal("a rebuild engine holds the wrong basis: region " + std::to_string(next->region));
    }
    rebuild_left_ = next->rebuild_cycles;
    rebuild_row_ = rows_released_ + (next - rows_.begin());
  }
  if (--rebuild_left_ > 0) return;
  Row& row = rows_[static_cast<std::size_t>(rebuild_row_ - rows_released_)];
  row.rebuilt = true;
  row.ready = now + 1;
  const auto element = static_cast<std::uint64_t>(context_.spec.element_bytes());
  for (const std::int64_t filter : context_.filters(row.step, slice_)) {
    const auto count = static_cast<std::int64_t>(
        context_.job.layer.nonzeros[static_cast<std::size_t>(filter * context_.layout.rows + row.row)]);
    const auto terms = static_cast<std::uint64_t>(count * context_.layout.n);
    counters.rebuild_engines[Cause::busy] += ceil_div(count, context_.spec.rebuild_terms);
    counters[Action::shift_add] += terms;
    counters[Action::basis_read] += terms * element;
  }
}

bool PeLine::latch_free() const {
  if (rows_fetched_ - rows_released_ >= static_cast<std::int64_t>(rows_.size())) return false;  // nothing to fetch
  if (context_.spec.row_latches == 1) {  // the row in use is done: every item announced before the new row
    return completed_visible_ >= rows_[static_cast<std::size_t>(rows_fetched_ - rows_released_)].announced;
  }
  const std::int64_t released = context_.spec.release_latency == 0 ? rows_released_ : rows_released_visible_;
  return rows_fetched_ - released < context_.spec.row_latches;
}

void PeLine::use_weight_port(Cycle now, Counters& counters) {
  if (port_left_ == 0 && latch_free())
    port_left_ = rows_[static_cast<std::size_t>(rows_fetched_ - rows_released_)].fetch_cycles;
  if (port_left_ > 0) {
    fetch_row(now, counters);
  } else {
    advance_basis(now, counters);
  }
}

/// What was read weight_buffer.latency cycles ago is latched at the end of this cycle.
void PeLine::take_data(Cycle now) {
  if (!arriving_rows_.empty() && arriving_rows_.front().at == now) {
    Row& row = rows_[static_cast<std::size_t>(arriving_rows_.front().number - rows_released_)];
    arriving_rows_.pop_front();
    row.fetched = true;
    if (row.rebuild_cycles == 0) {  // original weights go to the MACs as they are
      row.rebuilt = true;
      row.ready = now + 1;
    }
  }
  if (!arriving_bases_.empty() && arriving_bases_.front().at == now) {
    loaded_ = arriving_bases_.front().number;
    arriving_bases_.pop_front();
  }
}

void PeLine::fetch_row(Cycle now, Counters& counters) {
  counters.weight_ports[Cause::busy] += 1;
  if (--port_left_ > 0) return;
  const Row& row = rows_[static_cast<std::size_t>(rows_fetched_ - rows_released_)];
  arriving_rows_.push_back({now + context_.spec.weight_buffer_latency, rows_fetched_});
  ++rows_fetched_;
  for (const auto& weights : row.weights) {
    if (weights.empty()) continue;
    const auto bytes = static_cast<std::uint64_t>(row_bytes(context_.layout, context_.spec));
    counters[Action::weight_buffer_read] += bytes;
    if (!context_.layout.compressed) counters[Action::weight_latch] += bytes;
  }
}

void PeLine::start_basis(std::int64_t matrices, Counters& counters) {
  const std::int64_t copies = matrices * static_cast<std::int64_t>(context_.filters(basis_step_, slice_).size());
  issued_ += matrices;
  basis_left_ = basis_fetch_cycles(context_.layout, context_.spec) * copies;
  const auto bytes = static_cast<std::uint64_t>(context_.layout.basis_bytes * context_.spec.element_bytes() * copies);
  counters[Action::weight_buffer_read] += bytes;
  counters[Action::basis_write] += bytes;
}

/// The last region whose basis is fetched while the lines work on region `entered_`: one for each other engine.
std::int64_t PeLine::fetched_ahead() const {
  return entered_ < 0 ? -1 : std::min(context_.last_region(basis_step_), entered_ + context_.engines - 1);
}

void PeLine::advance_basis(Cycle now, Counters& counters) {
  if (epoch_ < 0) return;
  if (basis_left_ == 0) {
    const std::int64_t ahead = fetched_ahead();
    if (issued_ < ahead) {  // into the engine whose region is done
      const bool earlier_done = empty_at_start_ || region_at_start_ >= entered_;
      if (!earlier_done) return;
      start_basis(ahead - issued_, counters);
    } else if (issued_ < requested_ && empty_at_start_) {  // not fetched ahead: once the line has nothing left
      start_basis(1, counters);
    } else {
      return;
    }
  }
  counters.weight_ports[Cause::busy] += 1;
  if (--basis_left_ == 0) arriving_bases_.push_back({now + context_.spec.weight_buffer_latency, issued_});
}

}  // namespace rebasis::sim::smartdeal
