// The order and augmentation of training images: functions of seed and epoch only, so that a resumed run sees the same.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "workloads/io/inputs.h"
#include "workloads/train/recipe.h"

namespace rebasis::train {

struct Batch {
  at::Tensor images;  ///< [n][C][H][W]
  at::Tensor labels;  ///< i64 [n]
};

class Dataset {
 public:
  /// Copies the chosen images and their labels.
  Dataset(const io::Inputs& data, const std::vector<std::int64_t>& chosen);
  [[nodiscard]] std::int64_t size() const { return images_.size(0); }
  /// Images [first, last) as they are.
  [[nodiscard]] Batch range(std::int64_t first, std::int64_t last) const;
  /// The given images.
  [[nodiscard]] Batch pick(const std::vector<std::int64_t>& indices) const;

 private:
  at::Tensor images_, labels_;
};

/// A permutation of 0 .. count - 1.
[[nodiscard]] std::vector<std::int64_t> shuffled(std::int64_t count, std::int64_t seed, std::int64_t epoch);
/// Shifts and mirrors each image at random, as the recipe says.
void augment(Batch& batch, const Recipe& recipe, std::int64_t epoch, std::int64_t step);

}  // namespace rebasis::train
