// Any bytes as an ONNX file: imported, and its layers taken out.
#include <cstddef>
#include <cstdint>

#include "tests/support/memory_file.h"
#include "workloads/graph/layers.h"

using namespace rebasis;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const test::MemoryFile file(data, size);
  test::accepts([&] {
    const graph::Graph network = graph::import_onnx(file.path());
    for (const graph::WeightLayer& layer : graph::weight_layers(network)) {
      (void)graph::layer_weights(network, layer);
      (void)graph::layer_bias(network, layer);
    }
    (void)graph::auxiliary_layers(network);
  });
  return 0;
}
