#include "workloads/train/continual/tasks.h"

#include <algorithm>
#include <map>

#include "common/error.h"
#include "workloads/train/shuffle.h"

namespace rebasis::train {

Tasks tasks_of(const std::vector<std::int64_t>& labels, const ContinualRecipe& recipe, std::int64_t images_per_class) {
  std::map<std::int64_t, std::vector<std::int64_t>> by_class;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    std::vector<std::int64_t>& members = by_class[labels[i]];
    if (images_per_class == 0 || static_cast<std::int64_t>(members.size()) < images_per_class)
      members.push_back(static_cast<std::int64_t>(i));
  }
  const auto whole = [&](const std::vector<std::int64_t>& classes) {
    return static_cast<std::int64_t>(classes.size()) == recipe.classes_per_task;
  };
  Tasks tasks;
  for (const auto& [label, members] : by_class) {
    if (tasks.classes.empty() || whole(tasks.classes.back())) {
      tasks.classes.emplace_back();
      tasks.images.emplace_back();
    }
    tasks.classes.back().push_back(label);
    tasks.images.back().insert(tasks.images.back().end(), members.begin(), members.end());
  }
  if (!tasks.classes.empty() && !whole(tasks.classes.back())) {
    tasks.classes.pop_back();
    tasks.images.pop_back();
  }
  return tasks;
}

void check_tasks(const Tasks& tasks, const Tasks& tests) {
  if (tasks.images.empty())
    fail_input("the images have fewer classes than a task; lower classes_per_task or give --labels of more");
  if (tasks.classes != tests.classes)
    fail_input("the test images have other classes than the training images; give test images of every class");
  for (const std::vector<std::int64_t>& images : tasks.images) {
    if (images.size() < 2) fail_input("a task has fewer than two images; give more images");
  }
}

std::vector<std::int64_t> replayed(const Tasks& tasks, std::int64_t task, const ContinualRecipe& recipe) {
  constexpr std::int64_t stream = 4;  // apart from other random numbers of the same seed
  std::vector<std::int64_t> kept;
  for (std::int64_t earlier = 0; earlier < task; ++earlier) {
    std::vector<std::int64_t> images = tasks.images[static_cast<std::size_t>(earlier)];
    shuffle(images, {recipe.seed, stream, earlier});
    images.resize(std::min(images.size(), static_cast<std::size_t>(recipe.replay_images / task)));
    kept.insert(kept.end(), images.begin(), images.end());
  }
  return kept;
}

std::vector<std::int64_t> spread(const std::vector<std::int64_t>& positions, std::int64_t count) {
  const auto all = static_cast<std::int64_t>(positions.size());
  if (count == 0 || count >= all) return positions;
  std::vector<std::int64_t> chosen;
  for (std::int64_t i = 0; i < count; ++i) chosen.push_back(positions[static_cast<std::size_t>(i * all / count)]);
  return chosen;
}

}  // namespace rebasis::train
