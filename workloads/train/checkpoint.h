// The state of a training run between two epochs. Included only by parts that link libtorch.
#pragma once

#include <torch/optim.h>

#include <string>
#include <vector>

#include "workloads/train/trainer.h"

namespace rebasis::train {

/// References to everything that an epoch changes.
struct TrainingState {
  std::vector<at::Tensor>
      tensors;  ///< parameters, statistics, methods' states, sums of the weight average; in a fixed order
  torch::optim::Optimizer& optimiser;
  std::vector<EpochReport>& epochs;
};

/// Writes the state; the file appears whole or not at all. `key` names network, recipe and data.
void save_checkpoint(const std::string& path, const std::string& key, const TrainingState& state);
/// Reads it back into the tensors. Throws Error(bad_input) when the file is damaged or of another key.
void load_checkpoint(const std::string& path, const std::string& key, TrainingState& state);

}  // namespace rebasis::train
