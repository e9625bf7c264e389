// What of a layer in a trace is coded, and what every coder leaves as it is.
#pragma once

#include "workloads/encode/coders/coder.h"
#include "workloads/trace/trace.h"

namespace rebasis::encode {

/// The layer's matrix of integers.
///   dense-int8, ternary   a row a filter, columns [C/groups x R x S], integer_weights()
///   smartdeal             the coefficient symbols (0, or +-(e + 1) for +-2^P[e]): a row a coefficient row of a filter
///                         [M x rows], n columns
/// Its width is the smallest that holds all values and what the layer is quantised to: the statistic `weight_bits`
/// where the trace has it, else 8 for dense-int8, 2 for ternary, and what -|P| .. |P| needs for smartdeal.
/// Throws Error(bad_input) when the layer is damaged or `weight_bits` is no whole number from 1 to 16.
[[nodiscard]] WeightMatrix layer_matrix(const trace::TraceReader& reader, const trace::LayerInfo& layer);

/// Bytes of what the weights also need, in the trace's own form, whatever coder the matrix gets: scales; basis and its
/// shifts. Biases are no weights and do not count.
[[nodiscard]] std::uint64_t uncoded_bytes(const trace::TraceReader& reader, const trace::LayerInfo& layer);

}  // namespace rebasis::encode
