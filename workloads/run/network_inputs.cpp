#include "workloads/run/network_inputs.h"

#include <algorithm>

namespace rebasis::run {

NetworkInputs load_network_and_inputs(const std::string& network, const std::string& inputs_path,
                                      const std::string& labels_path, const io::InputOptions& options,
                                      const graph::ImportOptions& import_options) {
  NetworkInputs result{graph::import_onnx(network, import_options), {}};
  if (result.graph.inputs.size() != 1) {
    fail_input({network}, "the network has " + std::to_string(result.graph.inputs.size()) +
                              " inputs; networks with one input can be run");
  }
  const Shape ported = result.graph.inputs[0].shape;
  io::InputOptions shaped = options;
  if (shaped.shape.empty() && !ported.empty()) shaped.shape.assign(ported.begin() + 1, ported.end());
  result.inputs = io::load_inputs(inputs_path, labels_path, shaped);
  const bool open =
      !ported.empty() && std::any_of(ported.begin() + 1, ported.end(), [](std::int64_t extent) { return extent < 0; });
  if (!open) return result;
  graph::ImportOptions concrete = import_options;
  Shape shape = result.inputs.images.shape;
  if (!shape.empty()) shape[0] = 1;
  concrete.input_shapes[result.graph.inputs[0].name] = std::move(shape);
  result.graph = graph::import_onnx(network, concrete);
  return result;
}

}  // namespace rebasis::run
