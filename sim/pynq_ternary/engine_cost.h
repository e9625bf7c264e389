// The MAC engine in `fast`: layers in full precision.
#pragma once

#include "sim/core/counters.h"
#include "sim/pynq_ternary/job.h"

namespace rebasis::sim::pynq_ternary {

/// A block of at most mac_engine.dsps filters, one multiplier each, that works on one output position.
struct EngineBlock {
  std::int64_t filters = 0;
  Cycle interval = 0;  ///< cycles a weight of each filter takes to leave the weight buffer
  Cycle period = 0;    ///< until the next block or position begins
};
/// `taps`: products of an output in a step.
[[nodiscard]] EngineBlock engine_block(const arch::PynqTernarySpec& spec, std::int64_t filters, std::int64_t taps);

/// Cycles of a step; adds its actions and cycles by cause.
[[nodiscard]] Cycle engine_issue(const Job& job, const Step& step, Counters& counters);
[[nodiscard]] double engine_estimate(const Job& job, const ConvTile& tile);

}  // namespace rebasis::sim::pynq_ternary
