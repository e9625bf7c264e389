// Stochastic weight averaging (Izmailov et al., UAI 2018; SmartDeal paper, section IV). Included only by parts that
// link libtorch.
#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace rebasis::train {

class WeightAverage {
 public:
  explicit WeightAverage(const std::vector<at::Tensor>& weights);
  /// Adds the weights as they are now.
  void add();
  /// The mean of what was added takes the weights' place; nothing added: nothing happens.
  void settle();
  [[nodiscard]] bool empty() const { return count_.item<std::int64_t>() == 0; }
  /// For a checkpoint.
  [[nodiscard]] std::vector<at::Tensor> state() const;

 private:
  std::vector<at::Tensor> weights_, sums_;
  at::Tensor count_;  ///< i64 [1]
};

}  // namespace rebasis::train
