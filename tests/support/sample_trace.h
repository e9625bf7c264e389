// A trace of two small layers, written by hand: one dense, one in SmartDeal form. Its values are worked out in comments
// so that a decoder can be checked against them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/trace/trace.h"

namespace rebasis::test {

/// "conv1": dense-int8, conv, M 2, C 3, 4x5 input, 3x3 kernel, padding 1, unsigned activations, bias, 2 images.
trace::LayerInfo dense_layer();

/// "fc/2": smartdeal, fc, M 2, C 4, n 2, rows 2, one slice, P = {-1, 0}, signed activations, 2 images.
///   Filter 0: Ce = [[-0.5, 0], [0, 0]]; filter 1: Ce = [[0, 0], [1, -0.5]].
///   basis 0 = [[64, 32], [0, 64]], basis 1 = [[-128, 1], [2, 127]], shift 6 for both.
trace::LayerInfo smartdeal_layer();

/// Integer weights of "fc/2" in units of 2^(P[0] - shift) = 2^-7, [M][C].
std::vector<std::int32_t> smartdeal_weights();

/// "ternary": conv, M 2, C 3, C_g 2, 1x3 kernel, 1x3 input; see ternary_weights(). alpha 0.5, channel scales 1 and 0.5,
/// bias, 16-bit unsigned activations, 1 image.
trace::LayerInfo ternary_layer();

/// Integer weights of "ternary", [M][C][R][S].
std::vector<std::int32_t> ternary_weights();

/// Writes a trace of that layer alone.
void write_ternary_trace(const std::string& path);

/// Writes a trace of "conv1" alone with 1x1 kernels, without padding, and signed 16-bit activations.
void write_wide_trace(const std::string& path);

/// Metadata with both layers and one auxiliary layer.
trace::Metadata sample_metadata();

/// All tensors of both layers.
void add_sample_tensors(trace::TraceWriter& writer);

/// Writes the sample to `path`.
void write_sample_trace(const std::string& path);

}  // namespace rebasis::test
