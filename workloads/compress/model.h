// The weight layers of a network as passes see and change them. No graph, no libtorch.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workloads/encode/smartdeal_form.h"
#include "workloads/encode/ternary.h"
#include "workloads/factors.h"
#include "workloads/layer_shape.h"
#include "workloads/reuse/reuse.h"

namespace rebasis::compress {

/// A layer that reads the output channels of another, directly or through operators that keep zeros zero. Input
/// channels c * block .. c * block + block - 1 of `layer` come from output channel c.
struct Consumer {
  std::size_t layer = 0;   ///< index into Model::layers
  std::int64_t block = 1;  ///< > 1 after a flattened feature map
};

/// Integer weights of up to 8 bits with a scale a filter.
struct Int8Form {
  std::vector<std::int8_t> weights;  ///< [M][C/groups][R][S]
  std::vector<float> scales;         ///< [M]; real = scale * weight
  // How a memory would hold them; the trace always holds 8 bits a weight and a scale a filter.
  int bits = 8;                  ///< of a weight's code
  bool shared_scale = false;     ///< one scale for the layer: all of `scales` are equal
  std::int64_t zero_points = 0;  ///< of asymmetric codes, a byte each: 1, M, or 0 for none
};

/// Reuse of similar products (docs/trec.md) in a layer with an Int8Form.
struct SharedProducts {
  reuse::HashVectors vectors;
  std::int64_t batch = 1;  ///< images that share buckets
};

struct Layer {
  std::string name;
  std::string op;  ///< "conv" or "fc"
  LayerShape shape;
  std::vector<float> weights;     ///< [M][C/groups][R][S]; passes that prune change them
  std::vector<float> bias;        ///< [M], or empty
  std::vector<float> norm_scale;  ///< gamma of the batch-norm that follows [M], or empty
  std::vector<Consumer> consumers;
  std::optional<Factors> factors;  ///< weights as the network file gives them, as a product
  bool first = false;              ///< reads a network input
  std::string weight_provenance = "trained";

  // What the passes decided. At most one of the three is set; none: int8 at the end.
  std::optional<encode::SmartDealForm> smartdeal;
  std::optional<encode::TernaryForm> ternary;
  std::optional<Int8Form> int8;
  std::optional<SharedProducts> reuse;
  reuse::HashVectors learned_vectors;  ///< as the network file gives them; length 0: none
  std::int64_t group_channels = 0;     ///< C_g of the groups that a pass pruned; 0: none did
  bool pruned = false;                 ///< a pass zeroed weights
  std::string note;                    ///< why a pass left it alone
  std::map<std::string, double> statistics;

  [[nodiscard]] bool encoded() const { return smartdeal || ternary || int8; }
  /// Name of the encoding in the trace.
  [[nodiscard]] const char* encoding() const { return smartdeal ? "smartdeal" : ternary ? "ternary" : "dense-int8"; }
};

struct Model {
  std::string name;
  std::vector<Layer> layers;  ///< execution order
};

/// Integer weights of an encoded layer and the unit of each filter: real = unit * integer.
struct IntegerWeights {
  std::vector<std::int32_t> values;  ///< [M][C/groups][R][S]
  std::vector<double> units;         ///< [M]
};
[[nodiscard]] IntegerWeights integer_weights(const Layer& layer);

/// The unit of each filter's integer weights [M].
[[nodiscard]] std::vector<double> weight_units(const Layer& layer);

/// The weights that the compressed layer computes with, [M][C/groups][R][S].
[[nodiscard]] std::vector<float> rebuilt_weights(const Layer& layer);

/// Bias in units of weight unit x activation scale, rounded and limited to 32 bits [M]; empty without a bias.
[[nodiscard]] std::vector<std::int32_t> integer_bias(const Layer& layer, double activation_scale);

/// Statistics of reuse over `images` images: reuse_ratio (r_t), reuse_buckets (non-empty ones, mean of the buckets of a
/// group's column for a batch), reuse_sub_vectors (of one image), reuse_batch.
[[nodiscard]] std::map<std::string, double> reuse_statistics(const Layer& layer, const reuse::Counts& counts,
                                                             std::int64_t images);

/// True when compression changes the layer's outputs by more than rounding to 8 bits does.
[[nodiscard]] bool coarse(const Layer& layer);

/// Fills the statistics that every encoding has: weight_value_sparsity (zeros among the rebuilt weights),
/// weight_row_sparsity (kernel rows, or groups of n channels, that are all zero), weight_error (relative Frobenius norm
/// against `original`); for dense layers whose codes are not 8 bits with a scale a filter also weight_bits,
/// weight_scales and weight_zero_points (encode::DenseCode); for ternary layers also groups, nonzero_groups,
/// group_sparsity and, by equation 2.8, group_compression_rate.
void measure(Layer& layer, const std::vector<float>& original);

}  // namespace rebasis::compress
