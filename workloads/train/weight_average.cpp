#include "workloads/train/weight_average.h"

namespace rebasis::train {

WeightAverage::WeightAverage(const std::vector<at::Tensor>& weights)
    : weights_(weights), count_(at::zeros({1}, at::kLong)) {
  for (const at::Tensor& weight : weights_) sums_.push_back(at::zeros_like(weight).set_requires_grad(false));
}

void WeightAverage::add() {
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i].add_(weights_[i]);
  count_.add_(1);
}

void WeightAverage::settle() {
  if (empty()) return;
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < sums_.size(); ++i) weights_[i].copy_(sums_[i] / count_.item<double>());
}

std::vector<at::Tensor> WeightAverage::state() const {
  std::vector<at::Tensor> state = sums_;
  state.push_back(count_);
  return state;
}

}  // namespace rebasis::train
