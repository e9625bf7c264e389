// Random weights to train from. Included only by parts that link libtorch.
#pragma once

#include "workloads/train/network.h"
#include "workloads/train/recipe.h"

namespace rebasis::train {

/// Replaces values as recipe.initialise says, by recipe.seed. `keep`: none; `all`: every layer and batch-norm; `last`:
/// the weights and bias of the last layer (SmartDeal paper, VI-C: the classifier of an adapted network). Convolutions:
/// normal with variance 2 / fan-out (He et al., ICCV 2015); matrix products: uniform in +-1/sqrt(inputs), as PyTorch;
/// biases 0; batch-norms: scale 1, shift 0, statistics 0 and 1.
void initialise(TrainableNetwork& network, const Recipe& recipe);

}  // namespace rebasis::train
