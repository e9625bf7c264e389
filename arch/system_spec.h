// What every accelerator has besides its array: a clock, a DMA, a memory and a mapper.
#pragma once

#include <cstdint>
#include <string>

#include "arch/parameter.h"

namespace rebasis::arch {

/// The parameters `clock.*`, `dma.*`, `dram.*` and `mapper.*`. A model's spec derives from it and inherits the
/// parameters.
struct SystemSpec {
  double frequency_hz = 0;
  std::int64_t dma_request_bytes = 0;
  std::int64_t dma_outstanding = 0;
  std::string dram_model;
  double dram_bandwidth_gb_s = 0;
  double dram_latency_ns = 0;
  std::string dram_mapping;
  std::string objective;  ///< dram | latency
};

[[nodiscard]] const ParameterSet<SystemSpec>& system_parameters();

}  // namespace rebasis::arch
