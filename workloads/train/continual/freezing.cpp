#include "workloads/train/continual/freezing.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rebasis::train {

double freeze_ratio(const ContinualRecipe& recipe, std::int64_t epoch, std::int64_t epochs) {
  const double angle = std::numbers::pi * static_cast<double>(epoch) / static_cast<double>(epochs);
  const double rise = recipe.freeze_schedule == "printed" ? 1 + std::cos(angle) : 1 - std::cos(angle);
  return recipe.freeze_initial + 0.5 * (recipe.freeze_final - recipe.freeze_initial) * rise;
}

void freeze_most(std::vector<bool>& frozen, const std::vector<double>& correlation, double ratio,
                 const ContinualRecipe& recipe) {
  const auto wanted = std::llround(ratio * static_cast<double>(frozen.size()));
  for (auto count = std::count(frozen.begin(), frozen.end(), true); count < wanted; ++count) {
    std::size_t best = frozen.size();
    for (std::size_t layer = 0; layer < frozen.size(); ++layer) {
      if (frozen[layer]) continue;
      const bool better =
          recipe.freeze_order == "correlation" && best < frozen.size() && correlation[layer] > correlation[best];
      if (best == frozen.size() || better) best = layer;
    }
    frozen[best] = true;
  }
}

double final_accuracy(const TaskAccuracy& accuracy) {
  double sum = 0;
  for (const double value : accuracy.back()) sum += value;
  return sum / static_cast<double>(accuracy.back().size());
}

double forgetting(const TaskAccuracy& accuracy) {
  const std::size_t tasks = accuracy.size();
  if (tasks < 2) return 0;
  double sum = 0;
  for (std::size_t task = 0; task + 1 < tasks; ++task) {
    double best = 0;
    for (std::size_t after = task; after < tasks; ++after) best = std::max(best, accuracy[after][task]);
    sum += best - accuracy.back()[task];
  }
  return sum / static_cast<double>(tasks - 1);
}

}  // namespace rebasis::train
