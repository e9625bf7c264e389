// The system parameters as the simulator's parts take them.
#pragma once

#include "arch/system_spec.h"
#include "sim/core/dma.h"

namespace rebasis::sim {

[[nodiscard]] inline DramSpec dram_spec(const arch::SystemSpec& system) {
  return {system.dram_model, system.dram_bandwidth_gb_s, system.dram_latency_ns, system.frequency_hz,
          system.dram_mapping};
}

[[nodiscard]] inline DmaLimits dma_limits(const arch::SystemSpec& system) {
  return {system.dma_request_bytes, system.dma_outstanding};
}

}  // namespace rebasis::sim
