// What an epoch leaves: figures and distributions by name. Included only by parts that link libtorch.
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <string>
#include <vector>

#include "workloads/train/distribution.h"

namespace rebasis::train {

/// Names are "LAYER/figure", or "figure" for the network.
struct Figures {
  std::map<std::string, double> metrics;
  std::map<std::string, Distribution> distributions;
};

/// Of at least one finite value; 64 parts.
[[nodiscard]] Distribution distribution_of(const at::Tensor& values);

/// Share of the values that are zero.
[[nodiscard]] double share_of_zeros(const at::Tensor& values);
/// The same, over all tensors whose flag is set; 0 without one.
[[nodiscard]] double share_of_zeros(const std::vector<at::Tensor>& tensors, const std::vector<bool>& flags);

}  // namespace rebasis::train
