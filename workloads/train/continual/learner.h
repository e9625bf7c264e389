// Self-supervised continual learning with layers that freeze (Yang's dissertation, chapter 5). No libtorch type is seen
// here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "workloads/graph/graph.h"
#include "workloads/io/inputs.h"
#include "workloads/train/continual/freezing.h"
#include "workloads/train/continual/recipe.h"

namespace rebasis::train {

/// One epoch of one task.
struct LearningEpoch {
  std::int64_t task = 0, epoch = 0;  ///< from 1
  double loss = 0;                   ///< mean over the epoch
  double freeze_ratio = 0;           ///< k_n
  std::vector<std::string> frozen;   ///< layers
  std::int64_t steps = 0;
  double forward_macs = 0, backward_macs = 0;  ///< of the whole epoch, both views
  double backward_macs_unfrozen = 0;           ///< had nothing been frozen
  double parameter_bytes = 0;                  ///< of network and heads
  double activation_bytes = 0;                 ///< kept for the backward pass of a step, both views
  double activation_bytes_unfrozen = 0;
  double replay_bytes = 0;  ///< a byte a pixel and channel
  [[nodiscard]] double memory_bytes() const { return parameter_bytes + activation_bytes + replay_bytes; }
};

/// What a task left.
struct LearnedTask {
  std::vector<std::int64_t> classes;
  std::vector<double>
      correlation;               ///< ratio of each layer before the task; empty for the first, and when nothing freezes
  std::vector<double> accuracy;  ///< on each task so far
  double cpu_seconds = 0;        ///< of the training, ratios included
};

struct LearningObserver {
  /// The run goes on from a checkpoint after this many epochs of all tasks.
  std::function<void(std::int64_t epochs)> resumed;
  std::function<void(std::int64_t task, std::int64_t epoch, double fraction, double loss)> step;
  std::function<void(const LearningEpoch&)> epoch;
};

struct LearningResult {
  std::vector<std::string> layers;  ///< that can freeze, in execution order
  std::vector<LearningEpoch> epochs;
  std::vector<LearnedTask> tasks;
  graph::Graph encoder;                            ///< the network without its classifier
  std::map<std::string, Tensor<float>> constants;  ///< its new values
  [[nodiscard]] TaskAccuracy accuracy() const;
};

/// `graph`: imported with fold_batch_norms off. `tests`: images of the same classes, for the accuracies. `checkpoint`:
/// a file that is written after each epoch and, when it exists, resumed from, with the same result to the last bit;
/// empty: none. Throws Error(bad_input) for labels that are missing or make no task, a checkpoint of another network,
/// recipe or data, and a loss that is not finite.
[[nodiscard]] LearningResult learn(const graph::Graph& graph, const ContinualRecipe& recipe, const io::Inputs& data,
                                   const io::Inputs& tests, const std::string& checkpoint = {},
                                   const LearningObserver& observer = {});

}  // namespace rebasis::train
