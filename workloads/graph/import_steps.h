// The steps of import_onnx, each in a file of its own. Included only where libonnx is.
#pragma once

#include <string>

#include "workloads/graph/graph.h"
#include "workloads/graph/onnx_headers.h"

namespace rebasis::graph {

/// The newest operator set that libonnx 1.12 describes. Newer files are read without its checker.
inline constexpr std::int64_t newest_described_opset = 17;

/// Parses the file and reads external data in.
[[nodiscard]] onnx::ModelProto parse_model(const std::string& path);

/// What libonnx leaves to luck: every operator is known to it, values are written once and before they are read.
void check_structure(const onnx::ModelProto& model, std::int64_t opset, const std::string& path);

/// Nodes, constants and ports of the model.
[[nodiscard]] Graph convert(const onnx::ModelProto& model, std::int64_t opset, const std::string& path);

/// libonnx's checker, then graph.shapes by its shape inference, in a process of their own: both crash on some damaged
/// files. Open batch extents count as 1. Changes `model`.
void infer_shapes(onnx::ModelProto& model, Graph& graph, const ImportOptions& options);

/// Weights that the file computes as Ce x B (write_factors.h) become constants, and their factors graph.factors.
void multiply_factors(Graph& graph);

/// Constants read through Identity and Transpose become constants of their own; alpha and beta of a Gemm with constant
/// operands move into them, so that a layer's weights are the constant's values.
void simplify_constants(Graph& graph);

/// NaN in any constant, or infinite weights of a layer, are refused by name.
void check_weights(const Graph& graph);

/// Drops constants that no node reads.
void drop_unused_constants(Graph& graph);

}  // namespace rebasis::graph
