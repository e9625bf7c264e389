// Layers of a trace for the benches.
#pragma once

#include <functional>
#include <string>

#include "common/error.h"
#include "rtl/bench/bench.h"
#include "sim/core/activations.h"
#include "sim/core/reference_convolution.h"
#include "workloads/trace/trace.h"

namespace rebasis::rtl {

/// The chosen layers that `runs` accepts. Throws Error(bad_input) when there is none, or no such image.
inline void for_layers(const NetworkRun& network, const std::function<bool(const trace::LayerInfo&)>& runs,
                       const std::function<void(const trace::TraceReader&, const trace::LayerInfo&)>& run) {
  const trace::TraceReader trace(network.trace);
  std::size_t found = 0;
  const auto& layers = trace.metadata().layers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const bool chosen = network.layer == "all" || network.layer == layers[i].name || network.layer == std::to_string(i);
    if (!chosen || !runs(layers[i])) continue;
    if (network.image >= layers[i].images)
      fail_input(network.trace + ": no image " + std::to_string(network.image) + "; layer " + layers[i].name + " has " +
                 std::to_string(layers[i].images) + ", counted from 0");
    run(trace, layers[i]);
    ++found;
  }
  if (found == 0) fail_input(network.trace + ": no layer " + network.layer + " that the block can run");
}

/// Compares [M][E][F] with integer convolution; throws Difference at `cycle`.
template <class Weight>
void compare_with_convolution(const LayerShape& shape, const std::vector<Weight>& weights,
                              const sim::Activations& image, const std::vector<std::int64_t>& outputs,
                              std::uint64_t cycle) {
  const std::vector<std::int64_t> expected = sim::reference_convolution(
      shape, weights, [&](std::int64_t c, std::int64_t h, std::int64_t w) { return image.at(c, h, w); });
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] != outputs[i])
      throw Difference(cycle, "output " + std::to_string(i) + " of the convolution", expected[i], outputs[i]);
  }
}

}  // namespace rebasis::rtl
