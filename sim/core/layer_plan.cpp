#include "sim/core/layer_plan.h"

#include "sim/core/reference_convolution.h"

namespace rebasis::sim {

std::vector<std::int64_t> LayerPlan::expected_outputs(const Activations& image) const {
  const auto input = [&](std::int64_t c, std::int64_t h, std::int64_t w) { return image.at(c, h, w); };
  return reference_convolution(info().shape, integer_weights(), input);
}

MemorySpeed speed_of(DramModel& memory) {
  constexpr std::uint32_t short_read = 64;
  memory.reset();
  const double latency = static_cast<double>(memory.access({0, short_read, false}, Cycles(0)).count());
  memory.reset();
  return {memory.peak_bytes_per_cycle(), latency};
}

}  // namespace rebasis::sim
