// What a training run does, from YAML. docs/training.md describes the keys.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arch/config.h"
#include "common/error.h"

namespace rebasis::train {

/// An entry of `methods`.
struct MethodEntry {
  std::string name;
  arch::RawConfig options;
  SourceLocation where;
};

struct Recipe {
  std::string name, text;
  std::string initialise;                      ///< keep | all | last: the weights that training starts from
  std::vector<std::int64_t> data_classes;      ///< train on and test with these alone; empty: all
  std::int64_t data_part = 0, data_parts = 0;  ///< part of how many, from 1
  std::int64_t data_seed = 0;                  ///< of the parts and of the validation images
  std::int64_t epochs = 0, batch_size = 0;
  std::int64_t micro_batches = 0;  ///< parts of a batch that threads work on, each with its own batch-norm statistics
  std::string optimiser;           ///< sgd | adam
  double learning_rate = 0, momentum = 0, weight_decay = 0;
  std::string schedule;  ///< constant | cosine | step
  std::int64_t step_epochs = 0;
  double step_factor = 0;
  double warm_up_epochs = 0;
  double label_smoothing = 0;
  std::int64_t shift_pixels = 0;
  bool mirror = false;
  std::int64_t average_epochs = 0;  ///< stochastic weight averaging over the last ones; 0: none
  std::int64_t patience = 0;        ///< epochs without a better validation accuracy before the run ends; 0: never
  std::string keep;                 ///< last | best: the epoch whose weights are the result
  double validation = 0;            ///< share of the training images kept for validation, of every class
  std::int64_t seed = 0;
  std::vector<MethodEntry> methods;  ///< in order

  /// A shipped recipe by its name (workloads/train/recipes), or a file by its path. `assignments`: "key=value" of the
  /// command line, in place of the file's values; options of a method as "METHOD.key=value". `text` then ends with a
  /// comment line for each.
  static Recipe load(const std::string& name_or_path, const std::vector<std::string>& assignments = {});
  /// Throws Error(bad_input) with file and line, or "--set key=value".
  static Recipe parse(const std::string& text, const std::string& file,
                      const std::vector<std::string>& assignments = {});
  /// Factor of the learning rate at `epoch` (fractions of an epoch count).
  [[nodiscard]] double rate_factor(double epoch) const;
};

}  // namespace rebasis::train
