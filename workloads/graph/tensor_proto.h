// ONNX tensors to ours. Included only where libonnx is.
#pragma once

#include <string>

#include "workloads/graph/graph.h"
#include "workloads/graph/onnx_headers.h"

namespace rebasis::graph {

/// Our element type; fails for strings, complex numbers and the like, naming `what`.
[[nodiscard]] ElementType element_type(int onnx_type, const std::string& what, const std::string& file);

/// The values of `tensor`. Its extents are checked against the data that is there before anything is allocated;
/// external data must have been read in. Errors name `file` and the tensor.
[[nodiscard]] Constant to_constant(const onnx::TensorProto& tensor, const std::string& file);

/// Replaces external data of `tensor` by the bytes of the file it points to. That file must lie in the folder of `file`
/// or below, symbolic links followed.
void load_external_data(onnx::TensorProto& tensor, const std::string& file);

}  // namespace rebasis::graph
