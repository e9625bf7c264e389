// The layers of a graph that an accelerator runs: convolutions and fully-connected layers, and what lies between them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/graph/graph.h"
#include "workloads/layer_shape.h"
#include "workloads/trace/trace.h"

namespace rebasis::graph {

/// A node with constant weights. The layer's name is the node's.
struct WeightLayer {
  std::string name;
  std::string op;  ///< "conv", "fc" (Gemm, MatMul) or "convtranspose"
  /// One image. "fc": C inputs, M outputs, and a 1 x T map when the matrix product runs over T rows (tokens). 1-D
  /// convolutions have H = R = 1. "convtranspose": kernel, strides, dilations, pads, groups of the node; H and W of its
  /// input; E() and F() are meaningless, see sub_pixel_phases.
  LayerShape shape;
  std::int64_t output_rows = 1, output_columns = 1;  ///< of the node, also for convtranspose
  std::string weight;                                ///< constant of the weights
  std::string bias;                                  ///< constant of the bias, or ""
  std::string input;                                 ///< value read
  std::string output;                                ///< value written by the node, before any activation function
  std::vector<float> bn_gamma;  ///< batch-norm scale of each output channel when one was folded, else empty
  bool input_nonnegative =
      false;  ///< the value read is >= 0 by construction (after ReLU, Clip at 0, Sigmoid, a pool of those)
  bool weight_transposed = false;  ///< "fc": the constant is [C][M] (MatMul, Gemm without transB) instead of [M][C]
};

/// Every Conv, ConvTranspose, Gemm and MatMul with constant weights, in execution order.
[[nodiscard]] std::vector<WeightLayer> weight_layers(const Graph& graph);

/// The layer's weights as [M][C/groups][R][S] (convtranspose: axes exchanged, taps in the order of the constant).
[[nodiscard]] Tensor<float> layer_weights(const Graph& graph, const WeightLayer& layer);
/// The inverse: [M][C/groups][R][S] back to the constant's own shape, for RunHooks::weights.
[[nodiscard]] Tensor<float> constant_from_layer_weights(const Graph& graph, const WeightLayer& layer,
                                                        const Tensor<float>& weights);
/// Bias of each output channel [M]; zeros when the layer has none.
[[nodiscard]] Tensor<float> layer_bias(const Graph& graph, const WeightLayer& layer);

/// One output phase of a transposed convolution: an ordinary stride-1 convolution of the same input, whose output (q,
/// p) is the layer's output (phase_h + stride_h * q, phase_w + stride_w * p).
struct SubPixelPhase {
  std::string name;  ///< "LAYER.phase_I_J"
  std::int64_t phase_h = 0, phase_w = 0;
  LayerShape shape;  ///< of the convolution; E() and F() are the phase's outputs
  /// Kernel tap of the layer for tap k of the phase; -1: a tap of zeros (keeps pads non-negative).
  std::vector<std::int64_t> taps_h, taps_w;
};

/// The exact decomposition of a "convtranspose" layer. Phases without outputs are left out; a phase that no tap reaches
/// has a single tap of zeros (its outputs are the bias).
[[nodiscard]] std::vector<SubPixelPhase> sub_pixel_phases(const WeightLayer& layer);
/// The phase's kernel [M][C/groups][R'][S'] taken from layer_weights(layer).
[[nodiscard]] Tensor<float> phase_weights(const WeightLayer& layer, const SubPixelPhase& phase,
                                          const Tensor<float>& layer_weights);

/// What happens between the weight layers and what it moves: pooling, residual additions, concatenation, resizing,
/// softmax ... Element-wise operators right after a layer with one non-constant input are `fused` and move nothing. A
/// residual addition is fused with the layer that computes its later operand: it reads the other operand and writes
/// nothing extra. Everything else reads its inputs and writes its output. Views (reshape, flatten, identity) move
/// nothing and are left out.
[[nodiscard]] std::vector<trace::AuxiliaryInfo> auxiliary_layers(const Graph& graph);

}  // namespace rebasis::graph
