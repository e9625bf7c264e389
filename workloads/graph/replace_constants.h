// A copy of an ONNX file with other values in its constants.
#pragma once

#include <map>
#include <string>

#include "workloads/factors.h"
#include "workloads/tensor.h"

namespace rebasis::graph {

/// Writes `source` to `target` with the float constants in `values` (by name, shapes unchanged) replaced, those with
/// `factors` by the nodes that multiply them, and the `metadata` added to the model's properties. External data moves
/// into the file. Throws Error(bad_input) when a constant is not there, has another shape or type.
/// Weights that the file called synthetic (write_onnx.h) count as trained from then on.
void replace_constants(const std::string& source, const std::map<std::string, Tensor<float>>& values,
                       const std::map<std::string, std::string>& metadata, const std::string& target,
                       const std::map<std::string, Factors>& factors = {});

}  // namespace rebasis::graph
