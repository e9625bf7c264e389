// Constants of an ONNX file that are given as Ce x B. Included only where libonnx is.
#pragma once

#include <string>

#include "workloads/factors.h"
#include "workloads/graph/onnx_headers.h"

namespace rebasis::graph {

/// Replaces constant `name` of `shape` by nodes that compute it, in front of the others: MatMul of the initialisers
/// NAME/coefficients and NAME/basis, Reshape, Gather where slices are padded, Reshape, Transpose. Any ONNX runtime
/// evaluates them; import_onnx does while it reads the file.
void write_factors(onnx::GraphProto& graph, const std::string& name, const Shape& shape, const Factors& factors);

/// Drops the nodes and initialisers of an earlier write_factors; false when there are none.
bool drop_factors(onnx::GraphProto& graph, const std::string& name);

}  // namespace rebasis::graph
