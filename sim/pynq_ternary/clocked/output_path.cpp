#include "sim/pynq_ternary/clocked/output_path.h"

#include <algorithm>

#include "sim/pynq_ternary/names.h"

namespace rebasis::sim::pynq_ternary {

void OutputPath::evaluate() {
  if (!serving_) return;
  ++busy_;
  if (unread_ == 0) {
    ++flushing_;
    return;
  }
  const auto taken = std::min(unread_, job_.spec.output_lanes);
  unread_ -= taken;
  if (unread_ == 0) flushing_ = 1;
  const auto results = static_cast<std::uint64_t>(taken);
  counters_.actions[requantise] += results;
  counters_.actions[output_read] += results * arch::PynqTernarySpec::accumulator_bytes;
  counters_.actions[output_write] += results * arch::PynqTernarySpec::activation_bytes;
}

std::size_t OutputPath::advance(Cycle now) {
  std::size_t done = 0;
  if (serving_ && unread_ == 0 && flushing_ == job_.spec.output_depth) {
    serving_ = false;
    ++done;
  }
  while (!serving_ && !waiting_.empty() && waiting_.front().due <= now + 1) {
    const Step& step = job_.steps.steps[waiting_.front().step];
    waiting_.pop_front();
    serving_ = scales(step);
    unread_ = outputs_of(step.tile);
    flushing_ = 0;
    if (!serving_) ++done;
  }
  return done;
}

}  // namespace rebasis::sim::pynq_ternary
