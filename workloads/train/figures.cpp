#include "workloads/train/figures.h"

#include <algorithm>

namespace rebasis::train {

Distribution distribution_of(const at::Tensor& values) {
  constexpr std::int64_t parts = 64;
  const at::Tensor flat = values.detach().flatten().to(at::kDouble);
  Distribution distribution;
  distribution.low = flat.min().item<double>();
  distribution.high = flat.max().item<double>();
  distribution.mean = flat.mean().item<double>();
  distribution.deviation = (flat - distribution.mean).square().mean().sqrt().item<double>();
  distribution.counts.assign(parts, 0);
  const double span = distribution.high - distribution.low;
  const auto* const first = flat.data_ptr<double>();
  for (std::int64_t i = 0; i < flat.numel(); ++i) {
    const double position = span > 0 ? (first[i] - distribution.low) / span * parts : 0;
    ++distribution.counts[static_cast<std::size_t>(std::min(static_cast<std::int64_t>(position), parts - 1))];
  }
  return distribution;
}

double share_of_zeros(const at::Tensor& values) {
  return static_cast<double>(values.eq(0).sum().item<std::int64_t>()) / static_cast<double>(values.numel());
}

double share_of_zeros(const std::vector<at::Tensor>& tensors, const std::vector<bool>& flags) {
  double zeros = 0, all = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!flags[i]) continue;
    zeros += share_of_zeros(tensors[i]) * static_cast<double>(tensors[i].numel());
    all += static_cast<double>(tensors[i].numel());
  }
  return all > 0 ? zeros / all : 0;
}

}  // namespace rebasis::train
