// Values for the parameters of a network file, for the files that `rebasis networks export` writes.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "workloads/network_spec/network.h"
#include "workloads/synthetic/statistics.h"

namespace rebasis::synthetic {

/// Synthetic parameters of a network that was loaded without folding. With batch norms folded, the weights and biases
/// are those of make_model with the same seed: scales are 1, running means 0 and variances 1, shifts the biases.
class Filler {
 public:
  /// Both must outlive this.
  Filler(const networks::Network& network, const Statistics& statistics, std::uint64_t seed);
  /// Values of a constant in its own shape.
  [[nodiscard]] Tensor<float> values(const std::string& constant) const;

 private:
  struct Layer {
    graph::WeightLayer layer;
    std::uint64_t number = 0;
  };
  const networks::Network& network_;
  const Statistics& statistics_;
  std::uint64_t seed_;
  std::map<std::string, Layer> by_weight_, by_bias_;  ///< constant -> layer; by_bias_: shifts of batch norms, too
};

}  // namespace rebasis::synthetic
