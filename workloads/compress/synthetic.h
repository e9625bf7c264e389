// Traces without a network: layer shapes filled with seeded random values, for benchmarks and for shapes whose weights
// are not at hand. Everything in them is labelled "synthetic".
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/compress/model.h"
#include "workloads/compress/recipe.h"
#include "workloads/trace/trace.h"

namespace rebasis::compress {

/// A network as a list of shapes.
struct LayerShapes {
  std::string name;
  struct Item {
    std::string name, op;
    LayerShape shape;
  };
  std::vector<Item> layers;
  std::vector<trace::AuxiliaryInfo> auxiliary;
};

/// Reads shapes from YAML: `name`, `layers` with name, op (conv, the default, or fc), M, C, H, W, R, S, stride, pad and
/// groups, and `auxiliary` with name, op, after, inputs, outputs (elements) and fused. Errors name file and line.
[[nodiscard]] LayerShapes load_layer_shapes(const std::string& path);

struct SyntheticOptions {
  std::uint64_t seed = 1;
  std::int64_t images = 1;
  /// Share of zero activations, as a ReLU leaves them; the others are |x| of a normal distribution with four standard
  /// deviations at the largest code. The first layer reads an image: none of its inputs is forced to zero.
  double zero_activations = 0.5;
};

/// The layers with weights from a normal distribution of variance 2 / (C/groups * R * S) and biases of a tenth of that
/// deviation.
[[nodiscard]] Model synthetic_model(const LayerShapes& shapes, std::uint64_t seed);

/// Unsigned activations of one layer, [images][C][H][W]. The same for the same seed, layer number and bits.
[[nodiscard]] std::vector<std::int32_t> synthetic_activations(const LayerShape& shape, std::size_t layer,
                                                              const SyntheticOptions& options, int bits = 8);

/// Compresses a synthetic model as `recipe` says and writes its trace. Returns the compressed model.
Model write_synthetic_trace(const LayerShapes& shapes, const Recipe& recipe, const SyntheticOptions& options,
                            const std::string& path, const PassContext& context = {});

}  // namespace rebasis::compress
