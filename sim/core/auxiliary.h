// Layers that no accelerator's array computes (pooling, residual additions, concatenation ...): their DRAM traffic.
#pragma once

#include "arch/energy/energy_table.h"
#include "sim/core/dma.h"
#include "sim/result.h"
#include "workloads/trace/trace.h"

namespace rebasis::sim {

/// True when the operator reads or writes anything.
[[nodiscard]] bool moves_data(const trace::AuxiliaryInfo& info);

/// Streams the operands in and the result out, `element_bytes` each; the arithmetic is not priced
/// (docs/accelerators/common.md, "Layers between layers").
[[nodiscard]] LayerResult simulate_auxiliary(const trace::AuxiliaryInfo& info, std::int64_t images,
                                             std::int64_t element_bytes, DmaLimits limits,
                                             const arch::EnergyTable& energy, DramModel& memory);

}  // namespace rebasis::sim
