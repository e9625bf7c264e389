#include "sim/pynq_ternary/clocked/pe.h"

#include <bit>

#include "common/error.h"
#include "common/units.h"
#include "sim/pynq_ternary/names.h"

namespace rebasis::sim::pynq_ternary {

ProcessingElement::ProcessingElement(const Job& job)
    : job_(&job), levels_(std::bit_width(static_cast<std::uint64_t>(job.spec.lanes() - 1))) {}

void ProcessingElement::multiply(Flight& flight, const WindowRegisters& window, Counters& counters) {
  const Piece& piece = weights_.piece;
  const std::int64_t first = weights_.unit * job_->units.channels(), channels = job_->units.channels_of(weights_.unit);
  flight.operands.assign(static_cast<std::size_t>(job_->spec.lanes()), 0);
  std::uint64_t working = 0;
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t r = 0; r < piece.rows.size(); ++r) {
      for (std::int64_t s = 0; s < piece.columns.size(); ++s) {
        const auto code = static_cast<std::int64_t>(
            job_->layer.code(weights_.filter, first + c, piece.rows.first + r, piece.columns.first + s));
        const std::size_t lane = lane_of(job_->spec, piece, c, r, s);
        flight.operands[lane] = code * window.values[lane];
        if (code != 0 || job_->spec.mac()) ++working;  // a lane with a zero ternary weight is gated
      }
    }
  }
  counters.actions[job_->spec.mac() ? dsp_mac : add_sub] += working;
  counters.effective_macs += working;
}

/// The tree's levels are spread evenly over the stages between the lanes and the accumulation.
void ProcessingElement::reduce(Flight& flight) const {
  const std::int64_t stages = job_->spec.pe_depth - stages_outside_tree;
  const std::int64_t until = ceil_div(levels_ * (flight.stage - lanes_stage), stages);
  for (; flight.level < until; ++flight.level) {
    std::vector<std::int64_t> sums;
    for (std::size_t i = 0; i < flight.operands.size(); i += 2) {
      sums.push_back(flight.operands[i] + (i + 1 < flight.operands.size() ? flight.operands[i + 1] : 0));
    }
    flight.operands = std::move(sums);
  }
}

void ProcessingElement::step(const PeTrip* issued, const PeWeights& in_use, const WindowRegisters& window,
                             Counters& counters) {
  const std::int64_t reading = job_->spec.pe_depth - 2;
  reads_.reset();
  accumulates_.reset();
  bool copies = false;
  for (Flight& flight : flights_) {
    ++flight.stage;
    if (flight.stage == 1) copies = true;
    if (flight.stage == lanes_stage) multiply(flight, window, counters);
    if (flight.stage > lanes_stage && flight.stage < reading) reduce(flight);
    if (flight.stage == reading) reads_ = flight.trip;
  }
  if (!flights_.empty() && flights_.front().stage > reading) {
    const Flight& last = flights_.front();
    if (last.operands.size() != 1) fail_internal("the adder tree has not reduced its operands to one");
    accumulates_ = {last.trip.filter, last.trip.e, last.trip.f, last.operands.front()};
    ++counters.actions[accumulate];
    counters.actions[output_read] += arch::PynqTernarySpec::accumulator_bytes;
    counters.actions[output_write] += arch::PynqTernarySpec::accumulator_bytes;
    flights_.pop_front();
  }
  if (copies) weights_ = in_use;
  if (issued != nullptr) flights_.push_back({*issued, 0, 0, {}});
}

}  // namespace rebasis::sim::pynq_ternary
