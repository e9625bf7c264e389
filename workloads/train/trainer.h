// Trains an imported network. No libtorch type is seen here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workloads/factors.h"
#include "workloads/graph/graph.h"
#include "workloads/io/inputs.h"
#include "workloads/train/distribution.h"
#include "workloads/train/recipe.h"
#include "workloads/train/training_costs.h"

namespace rebasis::train {

/// One finished epoch.
struct EpochReport {
  std::int64_t epoch = 0;          ///< from 1
  double loss = 0;                 ///< mean over the epoch, penalties included
  double accuracy = 0;             ///< on the training images as they were shown
  double learning_rate = 0;        ///< at its end
  std::vector<double> validation;  ///< accuracy of each sub-net (of the network) on the validation images, or empty
  std::map<std::string, double> metrics;              ///< what the methods follow
  std::map<std::string, Distribution> distributions;  ///< of weights; only the last epoch keeps them
  /// Mean over the sub-nets.
  [[nodiscard]] std::optional<double> validation_accuracy() const;
};

struct TrainObserver {
  /// What a step of the recipe's batch size keeps and computes; before the first.
  std::function<void(const TrainingCosts&)> costs;
  /// The run goes on from a checkpoint after this many epochs.
  std::function<void(std::int64_t epochs)> resumed;
  /// After each step: how much of the epoch is over, mean loss and accuracy so far.
  std::function<void(std::int64_t epoch, double fraction, double loss, double accuracy)> step;
  std::function<void(const EpochReport&)> epoch;
  std::function<void(const std::vector<EpochReport>&)> history;  ///< all epochs so far, at the start and after each
};

struct TrainedNetwork {
  std::string name;                                ///< of the sub-net; empty when there are none
  std::map<std::string, Tensor<float>> constants;  ///< new values; weights as the methods leave them
  std::map<std::string, Factors> factors;          ///< of those constants that a method keeps as Ce x B
  std::map<std::string, std::string> properties;   ///< that methods leave in the file
};

struct TrainResult {
  std::vector<EpochReport> epochs;         ///< of this run and of those it resumed
  std::vector<TrainedNetwork> networks;    ///< one, or one a sub-net
  std::optional<std::int64_t> best_epoch;  ///< whose weights these are, with keep: best
  bool stopped_early = false;
  std::optional<graph::Graph> graph;  ///< the new structure, when a method extended the network's
};

/// `graph`: imported with fold_batch_norms off. `checkpoint`: a file that is written after each epoch and, when it
/// exists, resumed from, with the same result to the last bit; empty: none. Throws Error(bad_input) for labels that do
/// not match the network's classes, a checkpoint of another network or recipe, and a loss that is not finite.
/// `threads` share the micro-batches of a step, 0: one a processor; the result does not depend on it.
[[nodiscard]] TrainResult train(const graph::Graph& graph, const Recipe& recipe, const io::Inputs& data,
                                const std::string& checkpoint = {}, const TrainObserver& observer = {},
                                std::int64_t threads = 0);

}  // namespace rebasis::train
