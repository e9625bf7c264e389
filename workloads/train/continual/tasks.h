// Images as a sequence of tasks, and what is kept of those that are over.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/train/continual/recipe.h"

namespace rebasis::train {

/// Classes and positions of the images of each task.
struct Tasks {
  std::vector<std::vector<std::int64_t>> classes;
  std::vector<std::vector<std::int64_t>> images;
};

/// Classes in the order of their numbers, recipe.classes_per_task a task; `images_per_class`: the first ones, 0: all.
[[nodiscard]] Tasks tasks_of(const std::vector<std::int64_t>& labels, const ContinualRecipe& recipe,
                             std::int64_t images_per_class);

/// Throws Error(bad_input) when there is no whole task, a task of fewer than two images, or tests of other classes.
void check_tasks(const Tasks& tasks, const Tasks& tests);

/// The replay buffer while task `task` (from 0) is learned: the same number of images of every earlier one.
[[nodiscard]] std::vector<std::int64_t> replayed(const Tasks& tasks, std::int64_t task, const ContinualRecipe& recipe);

/// `count` of the positions at equal distances, so of every task; 0, or no fewer than there are: all.
[[nodiscard]] std::vector<std::int64_t> spread(const std::vector<std::int64_t>& positions, std::int64_t count);

}  // namespace rebasis::train
