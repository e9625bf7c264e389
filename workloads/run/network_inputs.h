// A network together with the inputs it is to run on: each may lack what the other knows.
#pragma once

#include <string>

#include "workloads/graph/graph.h"
#include "workloads/io/inputs.h"

namespace rebasis::run {

struct NetworkInputs {
  graph::Graph graph;
  io::Inputs inputs;
};

/// Imports `network` and loads `inputs_path` in the shape that the network reads; extents that the network leaves open
/// (other than the batch) are taken from the inputs. Errors as of import_onnx and load_inputs.
[[nodiscard]] NetworkInputs load_network_and_inputs(const std::string& network, const std::string& inputs_path,
                                                    const std::string& labels_path,
                                                    const io::InputOptions& options = {},
                                                    const graph::ImportOptions& import_options = {});

}  // namespace rebasis::run
