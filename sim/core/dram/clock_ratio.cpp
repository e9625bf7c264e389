#include "sim/core/dram/clock_ratio.h"

#include <cmath>
#include <string>

#include "common/error.h"

namespace rebasis::sim {

std::uint64_t whole_hertz(double hertz) {
  if (!(hertz >= 1.0 && hertz <= 1e12)) {
    fail_input("the accelerator's frequency is " + std::to_string(hertz) + " Hz; it must lie in 1 Hz to 1 THz");
  }
  return static_cast<std::uint64_t>(std::llround(hertz));
}

}  // namespace rebasis::sim
