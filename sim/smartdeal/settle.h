// Counters that follow from the finished run: what the DMA moved, and the cycles no cause was named for.
#pragma once

#include "sim/core/dma.h"
#include "sim/smartdeal/counters.h"
#include "sim/smartdeal/fast.h"

namespace rebasis::sim::smartdeal {

/// Fills the DMA's counters and the idle time of every block. Throws Error(internal) when the causes of a block do not
/// sum to its copies times the cycles.
void settle_static_counters(Counters& counters, const LayerJob& job, const Dma& dma);

}  // namespace rebasis::sim::smartdeal
