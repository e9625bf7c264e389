// A result as a simulation would return it, for tests of what renders results: the numbers are made up but consistent
// (causes sum to cycles, components to the energy, images to the layer).
#pragma once

#include <cstdint>

#include "sim/result.h"

namespace rebasis::test {

struct SampleOptions {
  int layers = 12;
  std::uint64_t images = 1;
  bool synthetic = false;
  std::uint64_t seed = 1;
  double scale = 1.0;  ///< multiplies cycles, energy and DRAM bytes: another accelerator
  const char* accelerator = "smartdeal";
  const char* network = "resnet50";
};

/// The same options give the same result on every machine.
[[nodiscard]] sim::Result sample_result(const SampleOptions& options = {});

}  // namespace rebasis::test
