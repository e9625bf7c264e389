// The groups of the smallest norm become zero: what all passes that prune by magnitude have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "workloads/compress/model.h"
#include "workloads/compress/prune/weight_groups.h"

namespace rebasis::compress {

/// Among what a group has to be one of the smallest.
enum class Ranking {
  layer,     ///< the groups of its layer, by L2 norm
  network,   ///< all groups, by root mean square weight: groups of different sizes are compared by the weight
  adaptive,  ///< all groups, by squared norm over the sum of the squared norms of the groups of its layer that are not
             ///< smaller (Lee et al., Layer-adaptive sparsity for the magnitude-based pruning, ICLR 2021)
  relative   ///< all groups, by norm over the mean norm of their layer (Yang's dissertation, equation 2.7)
};

/// "layer", "network" or "adaptive".
[[nodiscard]] Ranking ranking_of(const std::string& scope);

/// A layer whose groups compete.
struct PruneTarget {
  std::size_t layer = 0;  ///< index into Model::layers
  WeightGroups groups;
  /// Groups to zero. With Ranking::layer rounded down for each layer, else for the sum of all layers.
  double wanted = 0;
};

/// Groups that a share of all is. A share as it is written in decimals counts exactly: 0.29 of 100 is 29.
[[nodiscard]] std::size_t rounded_down(double groups);

/// Zeroes the weights of the groups of the smallest scores; among equal ones those of earlier layers, and of smaller
/// number. Returns for each target a flag a group: 1 when it was zeroed. A weight that is not finite throws
/// Error(bad_input).
std::vector<std::vector<std::uint8_t>> prune_smallest(Model& model, const std::vector<PruneTarget>& targets,
                                                      Ranking ranking);

/// Removes output channel `channel`: its filter, its bias and the weights of the layers that read it.
void remove_output_channel(Model& model, std::size_t layer, std::size_t channel);

}  // namespace rebasis::compress
