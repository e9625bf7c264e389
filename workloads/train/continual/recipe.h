// What a run of self-supervised continual learning does, from YAML. docs/training.md describes the keys.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rebasis::train {

struct ContinualRecipe {
  std::string name, text;
  std::string objective;   ///< simsiam | barlow_twins
  std::string initialise;  ///< all | keep
  std::int64_t classes_per_task =
      0;  ///< classes in the order of their numbers; a rest that is no whole task is left out
  std::int64_t images_per_class = 0;  ///< the first; 0: all
  std::int64_t epochs = 0;            ///< of each task
  std::int64_t batch_size = 0;
  double learning_rate = 0, momentum = 0, weight_decay = 0;
  std::int64_t projection = 0, prediction = 0;  ///< outputs of the projector, inner width of the predictor
  double redundancy = 0;                        ///< lambda of equation 5.2
  double smallest_crop = 0;                     ///< share of an image's area
  double jitter = 0;                            ///< of brightness and contrast
  bool mirror = false;
  std::int64_t replay_images = 0;               ///< of all earlier tasks together; 0: no replay
  double mixup = 0;                             ///< alpha of the Beta distribution of equation 5.3
  std::string freeze_order;                     ///< correlation | ascending
  std::string freeze_schedule;                  ///< rising | printed
  double freeze_initial = 0, freeze_final = 0;  ///< k_i and k_f: shares of the layers
  std::int64_t subspace_images = 0;             ///< of the buffer, whose subspaces count; 0: all
  double subspace = 0;                          ///< share of the squared norm that the bases hold, equation 5.7
  std::int64_t gradient_batches = 0;            ///< whose mean gradient equation 5.6 takes
  std::int64_t neighbours = 0;                  ///< k of the classifier of representations
  double temperature = 0;                       ///< of its weights
  std::int64_t seed = 0;

  /// A shipped recipe by its name (workloads/train/continual/recipes), or a file by its path. `assignments`:
  /// "key=value" in place of the file's values; `text` then ends with a comment line for each.
  static ContinualRecipe load(const std::string& name_or_path, const std::vector<std::string>& assignments = {});
  /// Throws Error(bad_input) with file and line, or "--set key=value".
  static ContinualRecipe parse(const std::string& text, const std::string& file,
                               const std::vector<std::string>& assignments = {});
};

}  // namespace rebasis::train
