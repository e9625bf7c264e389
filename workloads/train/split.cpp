#include "workloads/train/split.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "common/error.h"
#include "common/sha256.h"
#include "workloads/train/shuffle.h"

namespace rebasis::train {

namespace {

constexpr std::int64_t part_stream = 1, validation_stream = 2;  // apart from each other with the same seed

using Positions = std::vector<std::int64_t>;

/// The images of each class, in an order of their own that `seed` and `stream` give.
std::map<std::int64_t, Positions> shuffled_classes(const std::vector<std::int64_t>& labels, const Positions& images,
                                                   std::int64_t seed, std::int64_t stream) {
  std::map<std::int64_t, Positions> by_class;
  for (const std::int64_t image : images) by_class[labels[static_cast<std::size_t>(image)]].push_back(image);
  for (auto& [label, members] : by_class) shuffle(members, {seed, stream, label});
  return by_class;
}

Positions of_recipe_classes(const std::vector<std::int64_t>& labels, const Recipe& recipe) {
  Positions images;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool wanted = recipe.data_classes.empty() ||
                        std::count(recipe.data_classes.begin(), recipe.data_classes.end(), labels[i]) > 0;
    if (wanted) images.push_back(static_cast<std::int64_t>(i));
  }
  for (const std::int64_t label : recipe.data_classes) {
    if (std::find(labels.begin(), labels.end(), label) == labels.end()) {
      fail_input("data.classes names class " + std::to_string(label) +
                 ", of which there is no image; name classes of the labels");
    }
  }
  return images;
}

/// Deals the images of one class after another to the parts in turn, without starting again at each class, so that the
/// parts' sizes differ by one at most.
Positions part_of(const std::vector<std::int64_t>& labels, const Positions& images, const Recipe& recipe) {
  if (recipe.data_parts == 1) return images;
  Positions part;
  std::int64_t turn = 0;
  for (const auto& [label, members] : shuffled_classes(labels, images, recipe.data_seed, part_stream)) {
    if (static_cast<std::int64_t>(members.size()) < recipe.data_parts) {
      fail_input("class " + std::to_string(label) + " has " + std::to_string(members.size()) +
                 " images, fewer than the " + std::to_string(recipe.data_parts) +
                 " parts of data.of; give more images or make fewer parts");
    }
    for (const std::int64_t image : members) {
      if (turn++ % recipe.data_parts == recipe.data_part - 1) part.push_back(image);
    }
  }
  std::sort(part.begin(), part.end());
  return part;
}

}  // namespace

Split split(const std::vector<std::int64_t>& labels, const Recipe& recipe) {
  if (labels.empty()) fail_input("training needs the class of each image; give --labels");
  const Positions images = part_of(labels, of_recipe_classes(labels, recipe), recipe);
  Split result;
  if (recipe.validation == 0) {
    result.training = images;
  } else {
    double owed = 0;  // carried from class to class, so that the whole share comes out right
    for (const auto& [label, members] : shuffled_classes(labels, images, recipe.data_seed, validation_stream)) {
      owed += recipe.validation * static_cast<double>(members.size());
      const auto kept =
          static_cast<std::ptrdiff_t>(std::min(std::floor(owed + 0.5), static_cast<double>(members.size())));
      owed -= static_cast<double>(kept);
      result.validation.insert(result.validation.end(), members.begin(), members.begin() + kept);
      result.training.insert(result.training.end(), members.begin() + kept, members.end());
    }
    std::sort(result.training.begin(), result.training.end());
    std::sort(result.validation.begin(), result.validation.end());
  }
  if (result.training.size() < 2) fail_input("there are fewer than two images to train on");
  return result;
}

io::Inputs of_classes(io::Inputs inputs, const std::vector<std::int64_t>& classes) {
  if (classes.empty() || inputs.labels.empty()) return inputs;
  const std::size_t plane = inputs.images.values.size() / inputs.labels.size();
  std::vector<float> values;
  std::vector<std::int64_t> labels;
  for (std::size_t i = 0; i < inputs.labels.size(); ++i) {
    if (std::find(classes.begin(), classes.end(), inputs.labels[i]) == classes.end()) continue;
    const auto begin = inputs.images.values.begin() + static_cast<std::ptrdiff_t>(i * plane);
    values.insert(values.end(), begin, begin + static_cast<std::ptrdiff_t>(plane));
    labels.push_back(inputs.labels[i]);
  }
  inputs.images.shape[0] = static_cast<std::int64_t>(labels.size());
  inputs.images.values = std::move(values);
  inputs.labels = std::move(labels);
  return inputs;
}

std::string key_of(const io::Inputs& data) {
  constexpr std::size_t sampled = 4099;  // a prime: not every time the same pixel
  std::string text;
  for (const std::int64_t label : data.labels) text += std::to_string(label) + ' ';
  for (std::size_t i = 0; i < data.images.values.size(); i += sampled)
    text += std::to_string(data.images.values[i]) + ' ';
  return sha256(text);
}

}  // namespace rebasis::train
