#include "sim/pynq_ternary/clocked/pe.h"

#include <bit>

#include "common/error.h"
#include "common/units.h"
#include "sim/pynq_ternary/names.h"

namespace rebasis::sim::pynq_ternary {

namespace {

constexpr std::int64_t lanes_stage = 1;  // stage 0: the window takes its last column

}  // namespace

ProcessingElement::ProcessingElement(const Job& job, std::int64_t lanes)
    : job_(&job), levels_(lanes <= 1 ? 0 : std::bit_width(static_cast<std::uint64_t>(lanes - 1))) {}

void ProcessingElement::multiply(Flight& flight, const WindowRegisters& window, Counters& counters) {
  const PeTrip& trip = flight.trip;
  const std::int64_t first_channel = trip.unit * job_->units.channels(), channels = job_->units.channels_of(trip.unit);
  std::size_t lane = 0;
  std::uint64_t working = 0;
  for (std::int64_t c = first_channel; c < first_channel + channels; ++c) {
    for (std::int64_t r = trip.piece.rows.first; r < trip.piece.rows.last; ++r) {
      for (std::int64_t s = trip.piece.columns.first; s < trip.piece.columns.last; ++s, ++lane) {
        const std::int64_t code = job_->layer.code(trip.filter, c, r, s);
        flight.operands.push_back(code * window.values[lane]);
        if (code != 0 || job_->spec.mac()) ++working;  // a lane with a zero ternary weight is gated
      }
    }
  }
  counters.actions[job_->spec.mac() ? dsp_mac : add_sub] += working;
  counters.effective_macs += working;
}

/// The tree's levels are spread evenly over the stages between the lanes and the accumulation.
void ProcessingElement::reduce(Flight& flight) const {
  const std::int64_t stages = job_->spec.pe_depth - 3;
  const std::int64_t until = ceil_div(levels_ * (flight.stage - lanes_stage), stages);
  for (; flight.level < until; ++flight.level) {
    std::vector<std::int64_t> sums;
    for (std::size_t i = 0; i < flight.operands.size(); i += 2) {
      sums.push_back(flight.operands[i] + (i + 1 < flight.operands.size() ? flight.operands[i + 1] : 0));
    }
    flight.operands = std::move(sums);
  }
}

void ProcessingElement::step(const PeTrip* issued, const WindowRegisters& window, Counters& counters) {
  accumulated_.clear();
  for (Flight& flight : flights_) {
    ++flight.stage;
    if (flight.stage == lanes_stage)
      multiply(flight, window, counters);
    else if (flight.stage < job_->spec.pe_depth - 1)
      reduce(flight);
  }
  if (!flights_.empty() && flights_.front().stage == job_->spec.pe_depth - 1) {
    const Flight& last = flights_.front();
    if (last.operands.size() != 1) fail_internal("the adder tree has not reduced its operands to one");
    accumulated_.push_back({last.trip.filter, last.trip.e, last.trip.f, last.operands.front()});
    ++counters.actions[accumulate];
    counters.actions[output_read] += arch::PynqTernarySpec::accumulator_bytes;
    counters.actions[output_write] += arch::PynqTernarySpec::accumulator_bytes;
    flights_.pop_front();
  }
  if (issued != nullptr) flights_.push_back({*issued, 0, 0, {}});
}

}  // namespace rebasis::sim::pynq_ternary
