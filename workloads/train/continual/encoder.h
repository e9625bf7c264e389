// The graph that self-supervised learning trains: a network without its classifier, and heads behind it.
#pragma once

#include <cstdint>
#include <string>

#include "workloads/graph/graph.h"

namespace rebasis::train {

/// What nodes and constants of the heads begin with.
inline constexpr const char* head_prefix = "head.";

/// `graph` up to the input of its last layer with weights, which becomes its only output: features [1][C]. Throws
/// Error(bad_input) when that layer reads no vector of features.
[[nodiscard]] graph::Graph encoder_of(const graph::Graph& graph);

/// Adds a projector (matrix product, batch-norm, ReLU, matrix product, batch-norm; `projection` outputs) and, with
/// `prediction` > 0, SimSiam's predictor (the same with an inner width of `prediction` and without the last
/// batch-norm). Outputs are features, projections, predictions. Weights uniform in +-1 / sqrt(inputs), from `seed`.
void add_heads(graph::Graph& graph, std::int64_t projection, std::int64_t prediction, std::int64_t seed);

}  // namespace rebasis::train
