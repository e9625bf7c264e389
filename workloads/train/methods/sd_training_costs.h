// What training keeps and moves, in SmartDeal form and dense. docs/training.md gives the formulas.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "workloads/train/methods/sd_training_layer.h"
#include "workloads/train/network.h"

namespace rebasis::train {

/// Bytes by name: "sd/..." with the given layers in SmartDeal form (nullptr: a dense layer), "dense/..." with 32-bit
/// weights throughout. Weights of convolutions and matrix products only, as in Table V of the paper.
[[nodiscard]] std::map<std::string, double> training_costs(const TrainableNetwork& network,
                                                           const std::vector<const SdLayer*>& layers,
                                                           const SwitchRule& rule);

}  // namespace rebasis::train
