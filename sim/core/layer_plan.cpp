#include "sim/core/layer_plan.h"

namespace rebasis::sim {

MemorySpeed speed_of(DramModel& memory) {
  constexpr std::uint32_t short_read = 64;
  memory.reset();
  const double latency = static_cast<double>(memory.access({0, short_read, false}, Cycles(0)).count());
  memory.reset();
  return {memory.peak_bytes_per_cycle(), latency};
}

}  // namespace rebasis::sim
