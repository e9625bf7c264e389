// Which layers freeze when, and how well tasks are remembered (Yang's dissertation, equations 5.8 to 5.11).
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/train/continual/recipe.h"

namespace rebasis::train {

/// k_n in epoch `epoch` of `epochs`, from 1. Rising: k_i + (k_f - k_i) (1 - cos(n pi / N)) / 2, so that the last epoch
/// has k_f. Printed: equation 5.8 with its plus sign, which falls from k_f to k_i.
[[nodiscard]] double freeze_ratio(const ContinualRecipe& recipe, std::int64_t epoch, std::int64_t epochs);

/// Equation 5.9: freezes further layers of the largest `correlation` (the first of equals; with freeze.order ascending
/// the first layers), until `ratio` of them are frozen, rounded to whole layers. Frozen ones stay so.
void freeze_most(std::vector<bool>& frozen, const std::vector<double>& correlation, double ratio,
                 const ContinualRecipe& recipe);

/// accuracy[t][i]: on task i after task t was learned, from 0; i <= t.
using TaskAccuracy = std::vector<std::vector<double>>;
/// Equation 5.10: mean over the tasks after the last one.
[[nodiscard]] double final_accuracy(const TaskAccuracy& accuracy);
/// Equation 5.11, with the sign of its text: the mean over all tasks but the last of the largest accuracy that a task
/// ever had less the one at the end. 0 for a single task.
[[nodiscard]] double forgetting(const TaskAccuracy& accuracy);

}  // namespace rebasis::train
