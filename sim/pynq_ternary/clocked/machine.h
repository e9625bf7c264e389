// A layer on the whole accelerator, cycle by cycle: the host's start, then controller, DMA, AXI ports and core.
#pragma once

#include <memory>

#include "sim/core/activations.h"
#include "sim/core/machine.h"
#include "sim/pynq_ternary/job.h"

namespace rebasis::sim::pynq_ternary {

/// `job` and `image` outlive the machine.
[[nodiscard]] std::unique_ptr<Machine> make_machine(const Job& job, const Activations& image, DmaLimits limits,
                                                    const DramPort& port);

}  // namespace rebasis::sim::pynq_ternary
