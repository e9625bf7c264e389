// A graph as an ONNX file.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "workloads/graph/graph.h"

namespace rebasis::graph {

/// The property of a model that says where its weights come from. "synthetic": compress and compare label what follows.
inline constexpr const char* weights_property = "rebasis.weights";

/// Values of a constant that the graph holds without them (shape only), by name.
using ConstantValues = std::function<Tensor<float>(const std::string& name)>;

/// Writes `graph` with its operator set; the first axis of inputs and outputs stays open (the batch). `values` is asked
/// for each constant without values, one after the other. `metadata` become properties of the model. Checked by
/// libonnx's checker before it is written.
void write_onnx(const Graph& graph, const ConstantValues& values, const std::map<std::string, std::string>& metadata,
                const std::string& path);

/// The same for an imported graph with `values` in the place of some of its constants. Throws Error(bad_input) when it
/// holds constants of other types than 32-bit floats and 64-bit integers, which import does not tell apart.
void write_changed(const Graph& graph, const std::map<std::string, Tensor<float>>& values,
                   const std::map<std::string, std::string>& metadata, const std::string& path);

}  // namespace rebasis::graph
