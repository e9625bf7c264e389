// Layers that the PE array does not compute (pooling, residual additions, concatenation ...): their DRAM traffic.
#pragma once

#include "arch/energy/energy_table.h"
#include "arch/smartdeal/spec.h"
#include "sim/core/dram.h"
#include "sim/result.h"
#include "workloads/trace/trace.h"

namespace rebasis::sim::smartdeal {

/// Streams the operands in and the result out; the arithmetic is not priced (docs/accelerators/smartdeal.md,
/// "Layers between layers").
[[nodiscard]] LayerResult simulate_auxiliary(const trace::AuxiliaryInfo& info, std::int64_t images, const arch::SmartDealSpec& spec,
                                             const arch::EnergyTable& energy, DramModel& memory);

}  // namespace rebasis::sim::smartdeal
