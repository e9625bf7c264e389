// Which weights a sparse net keeps: pruning by magnitude, regrowing by gradient (Yang's dissertation, equations 3.1 and
// 3.2; RigL, GraNet). Functions of tensors; no network.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "workloads/train/methods/prune_regrow/pattern.h"

namespace rebasis::train {

/// Tensors of the covered layers, [M][C/groups][R][S] each.
using LayerTensors = std::vector<at::Tensor>;

struct TopologyUpdate {
  double level = 0;   ///< share of the units that is pruned: of the weights, or of the groups that have the N:M pattern
  double regrow = 0;  ///< share of the units that remain which is given up and grown elsewhere
  bool global = true;  ///< units of all layers compete; false: each layer has the share
};

/// True when the pattern can be laid over the layer: groups of M need a whole number of them along the channels.
[[nodiscard]] bool fits(const SparsityPattern& pattern, const at::Tensor& filters);

/// Flags of the units that remain after one exchange: of the `active` ones the strongest but the share `regrow` stay,
/// then the candidates with the largest gradients grow, until `pruned` units are left out. All tensors [units].
[[nodiscard]] at::Tensor exchange(const at::Tensor& active, const at::Tensor& strength, const at::Tensor& gradient,
                                  std::int64_t pruned, double regrow);

/// Prunes and regrows in place. A group that takes the N:M pattern keeps its M - N largest weights; a group's strength
/// and gradient are sums of magnitudes (3.4.2.3). Layers that the pattern does not fit stay dense.
void prune_and_regrow(const LayerTensors& masks, const SparsityPattern& pattern, const LayerTensors& magnitudes,
                      const LayerTensors& gradients, const TopologyUpdate& update);

/// Sets `masks` to the strongest of what `parent` keeps (completely subset, 3.3.3): inside the parent, by magnitude
/// alone.
void prune_inside(const LayerTensors& masks, const LayerTensors& parent, const SparsityPattern& pattern,
                  const LayerTensors& magnitudes, const TopologyUpdate& update);

}  // namespace rebasis::train
