// The layers of an encoder that freeze, each with its bias and the batch-norm behind it. Included only by parts that
// link libtorch.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "workloads/train/continual/learner.h"
#include "workloads/train/network.h"
#include "workloads/train/training_costs.h"

namespace rebasis::train {

class FreezableLayers {
 public:
  /// All layers of `network` but those of the heads.
  explicit FreezableLayers(const TrainableNetwork& network);

  [[nodiscard]] std::size_t size() const { return layers_.size(); }
  /// Position among network.layers().
  [[nodiscard]] std::size_t layer(std::size_t index) const { return layers_[index]; }
  [[nodiscard]] const std::string& name(std::size_t index) const { return names_[index]; }
  /// Freezes and thaws, so that the layers of `frozen` and no others are frozen.
  void apply(TrainableNetwork& network, const std::vector<bool>& frozen) const;
  /// What a step costs with these layers frozen.
  [[nodiscard]] TrainingCosts costs(const graph::Graph& graph, const std::vector<bool>& frozen,
                                    std::int64_t images) const;
  /// Names of the frozen layers, bytes of a step and operations of epoch.steps steps with two views of `images` images.
  void describe(LearningEpoch& epoch, const graph::Graph& graph, const std::vector<bool>& frozen,
                std::int64_t images) const;

 private:
  std::vector<std::size_t> layers_;
  std::vector<std::string> names_;
  std::vector<std::set<std::string>> constants_;  ///< that freeze with each layer
};

}  // namespace rebasis::train
