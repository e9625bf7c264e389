// Which layers a method leaves alone: keys that methods have in common. Included only by parts that link libtorch.
#pragma once

#include <string>
#include <vector>

#include "arch/parameter.h"
#include "workloads/train/network.h"

namespace rebasis::train {

struct LayersLeft {
  bool keep_first_last = true, keep_depthwise = true;
  std::string leave;  ///< pattern, or "[pattern, pattern]"
};

/// For ParameterSet::inherit.
[[nodiscard]] arch::ParameterSet<LayersLeft> layers_left_parameters(bool keep_first_last, const std::string& source);

/// A flag a layer: true when the method is not to leave it alone. Throws Error(bad_input) at the line of `leave` in
/// `config` when one of its patterns matches no layer.
[[nodiscard]] std::vector<bool> covered_layers(const TrainableNetwork& network, const LayersLeft& left,
                                               const arch::RawConfig& config);

}  // namespace rebasis::train
