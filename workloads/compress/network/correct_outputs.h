// What compression does to the mean and the spread of each output channel is put right without training, as a
// batch norm would whose statistics are estimated again.
#pragma once

#include <cstdint>
#include <functional>

#include "workloads/compress/network/network_model.h"
#include "workloads/compress/recipe.h"
#include "workloads/run/executor.h"
#include "workloads/tensor.h"

namespace rebasis::compress {

/// Layer after layer, each seeing what the corrected layers before it give: the bias is moved so that the mean of every
/// output channel over `images` is that of the original network, and with match "mean-variance" the scale of each
/// filter of a coarse layer (model.h) is multiplied so that the standard deviation is, too. Runs the network once for
/// each layer. Layers of transposed convolutions are left as they are. `progress` is called with 0..1.
void correct_outputs(const run::Executor& executor, NetworkModel& network, const Tensor<float>& images,
                     const CorrectionRecipe& correction, std::int64_t batch_size,
                     const std::function<void(double)>& progress);

}  // namespace rebasis::compress
