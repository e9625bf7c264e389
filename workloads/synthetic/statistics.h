// The statistics of trained networks that synthetic weights and activations follow: docs/networks.md, "Statistical
// model". The shipped values are measured (workloads/statistics/measured.yaml).
#pragma once

#include <map>
#include <string>

#include "workloads/graph/layers.h"

namespace rebasis::synthetic {

/// Inputs of a layer, after quantisation. Magnitudes are Weibull-distributed, as shares of the largest code.
struct ActivationStatistics {
  double zero = 0;                                     ///< share of codes that are zero
  double negative = 0;                                 ///< share that is negative
  double mean = 0.1;                                   ///< of the positive codes' magnitudes
  double deviation = 1;                                ///< their standard deviation over their mean
  double negative_mean = 0.1, negative_deviation = 1;  ///< of the negative ones
  double channel = 0;     ///< share of the latent variance that all values of a channel have in common
  double vertical = 0;    ///< latent correlation of vertical neighbours within a channel
  double horizontal = 0;  ///< the same of horizontal neighbours
};

/// Weights of a layer with its batch norm folded.
struct WeightStatistics {
  double shape = 2;          ///< exponent of the generalised normal distribution within a filter; 2: normal, 1: Laplace
  double variance = 2;       ///< mean square times the products of an output
  double filter_spread = 0;  ///< standard deviation of the logarithm of a filter's scale
};

/// By kind; what a layer of each kind is: activation_kind and weight_kind.
struct Statistics {
  std::map<std::string, ActivationStatistics> activations;
  std::map<std::string, WeightStatistics> weights;
  std::string file, text;  ///< where they come from
};

/// Reads a file like the shipped one; what is wrong throws Error(bad_input) with file and line. Every kind must be
/// there.
[[nodiscard]] Statistics load_statistics(const std::string& path);
/// The shipped ones.
[[nodiscard]] Statistics shipped_statistics();

/// What computed the layer's input: image, relu, relu_sum (after an addition), max_pool, vector (relu of a vector),
/// pool (averages), swish (gelu too) or linear.
[[nodiscard]] std::string activation_kind(const graph::Graph& graph, const graph::WeightLayer& layer);
/// conv, pointwise (1x1), depthwise or fc.
[[nodiscard]] std::string weight_kind(const graph::WeightLayer& layer);

}  // namespace rebasis::synthetic
