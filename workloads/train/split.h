// Which of the images a run trains on and which it is validated on: functions of the labels and the recipe alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/io/inputs.h"
#include "workloads/train/recipe.h"

namespace rebasis::train {

/// Positions of images, each part in ascending order.
struct Split {
  std::vector<std::int64_t> training;
  std::vector<std::int64_t> validation;
};

/// Keeps the recipe's classes, then its part of them (SmartDeal paper, VI-C: classes for adaptation, random halves for
/// fine-tuning), and divides the rest into training and validation images. Parts and validation are stratified: every
/// class is dealt out on its own, at random by `data.seed`, so that each share holds each class as evenly as its count
/// allows. Throws Error(bad_input) when there are no labels, when a class that the recipe names has no image, when a
/// class has fewer images than there are parts, and when fewer than two images are left to train on.
[[nodiscard]] Split split(const std::vector<std::int64_t>& labels, const Recipe& recipe);

/// The inputs whose label is one of `classes`; all of them when `classes` is empty.
[[nodiscard]] io::Inputs of_classes(io::Inputs inputs, const std::vector<std::int64_t>& classes);

/// Names the images and their order, for a checkpoint: their number, labels and a sample of their values.
[[nodiscard]] std::string key_of(const io::Inputs& data);

}  // namespace rebasis::train
