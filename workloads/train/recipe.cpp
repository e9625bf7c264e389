#include "workloads/train/recipe.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <numbers>
#include <sstream>

#include "arch/parameter.h"
#include "common/data_dir.h"
#include "common/file.h"
#include "common/text/yaml.h"

namespace rebasis::train {

namespace {

const arch::ParameterSet<Recipe>& parameters() {
  static const arch::ParameterSet<Recipe> set = [] {
    arch::ParameterSet<Recipe> p;
    p.choice("initialise", &Recipe::initialise, "keep", {"keep", "all", "last"},
             "Layers that start from random weights.", "SmartDeal paper, VI-C: the last for adaptation");
    p.integer("data.part", &Recipe::data_part, 1, 1, 1000, "", "Train on this random part of the images.",
              "SmartDeal paper, VI-C");
    p.integer("data.of", &Recipe::data_parts, 1, 1, 1000, "", "Parts that the images are divided into.",
              "SmartDeal paper, VI-C: 2");
    p.integer("data.seed", &Recipe::data_seed, 1, 0, 1'000'000'000, "", "Of the parts and the validation images.",
              "decision");
    p.integer("epochs", &Recipe::epochs, 10, 1, 100'000, "", "Passes over the training images.", "decision");
    p.integer("batch_size", &Recipe::batch_size, 128, 1, 65536, "", "Images a step.", "He et al., 2016");
    p.integer("micro_batches", &Recipe::micro_batches, 1, 1, 1024, "",
              "Parts of a step's batch, each with its own batch-norm statistics, that threads share.",
              "Hoffer et al., NeurIPS 2017");
    p.choice("optimiser", &Recipe::optimiser, "sgd", {"sgd", "adam"}, "How a step follows the gradient.",
             "Yang, 2.3.1.1");
    p.real("learning_rate", &Recipe::learning_rate, 0.1, 0, 100, "", "Largest rate of the schedule.",
           "Yang, 2.3.1.1: 0.1");
    p.real("momentum", &Recipe::momentum, 0.9, 0, 1, "", "Of SGD.", "He et al., 2016");
    p.real("weight_decay", &Recipe::weight_decay, 1e-4, 0, 1, "", "L2 penalty on all trained values.",
           "He et al., 2016");
    p.choice("schedule", &Recipe::schedule, "cosine", {"constant", "cosine", "step"}, "Course of the learning rate.",
             "decision");
    p.integer("step_epochs", &Recipe::step_epochs, 40, 1, 100'000, "", "Epochs between steps (schedule step).",
              "Yang, 2.3.1.1");
    p.real("step_factor", &Recipe::step_factor, 0.1, 0, 1, "", "Factor of a step (schedule step).",
           "Yang, 2.3.1.1: 0.1");
    p.real("warm_up_epochs", &Recipe::warm_up_epochs, 0, 0, 1000, "", "Epochs over which the rate rises from zero.",
           "decision");
    p.real("label_smoothing", &Recipe::label_smoothing, 0, 0, 0.99, "", "Share of a label spread over all classes.",
           "decision");
    p.integer("augment.shift", &Recipe::shift_pixels, 0, 0, 64, "pixels",
              "Random shift of an image, padded with zeros.", "He et al., 2016: 4");
    p.boolean("augment.mirror", &Recipe::mirror, false, "Mirror half of the images left to right.", "He et al., 2016");
    p.integer("average_epochs", &Recipe::average_epochs, 0, 0, 100'000, "",
              "Stochastic weight averaging over the last epochs; 0: none.", "SmartDeal paper, IV");
    p.integer("patience", &Recipe::patience, 0, 0, 100'000, "",
              "Epochs without a better validation accuracy before the run ends; 0: never.", "decision");
    p.choice("keep", &Recipe::keep, "last", {"last", "best"},
             "Epoch whose weights are the result; best by validation accuracy.", "SmartDeal paper, VI-A: best");
    p.real("validation", &Recipe::validation, 0, 0, 0.9, "", "Share of the images kept for validation, of each class.",
           "decision");
    p.integer("seed", &Recipe::seed, 1, 0, 1'000'000'000, "", "Of order, augmentation and random weights.", "decision");
    p.require({"patience", "validation"}, "patience needs validation images; set validation, for example 0.1",
              [](const Recipe& r) { return r.patience == 0 || r.validation > 0; });
    p.require({"keep", "validation"}, "keep: best needs validation images; set validation, for example 0.1",
              [](const Recipe& r) { return r.keep == "last" || r.validation > 0; });
    p.require({"keep", "average_epochs"}, "keep: best and average_epochs are two answers to one question; drop one",
              [](const Recipe& r) { return r.keep == "last" || r.average_epochs == 0; });
    p.require({"micro_batches", "batch_size"}, "micro_batches is more than batch_size; use fewer parts",
              [](const Recipe& r) { return r.micro_batches <= r.batch_size; });
    p.require({"data.part", "data.of"}, "data.part is more than data.of; parts count from 1",
              [](const Recipe& r) { return r.data_part <= r.data_parts; });
    p.require({"average_epochs", "epochs"}, "average_epochs is more than epochs",
              [](const Recipe& r) { return r.average_epochs <= r.epochs; });
    return p;
  }();
  return set;
}

/// "[5, 6, 7]", or one number.
std::vector<std::int64_t> parse_classes(const arch::ConfigEntry& entry) {
  std::vector<std::int64_t> classes;
  std::string text = entry.value;
  std::erase_if(text, [](char letter) { return letter == '[' || letter == ']' || letter == ' '; });
  std::istringstream items(text);
  for (std::string item; std::getline(items, item, ',');) {
    std::int64_t label = -1;
    const auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), label);
    if (error != std::errc() || end != item.data() + item.size() || label < 0)
      fail_input(entry.where, "data.classes holds " + item + "; write class numbers from 0, [5, 6, 7]");
    if (std::count(classes.begin(), classes.end(), label) > 0)
      fail_input(entry.where, "data.classes names class " + item + " twice; name it once");
    classes.push_back(label);
  }
  if (classes.empty()) fail_input(entry.where, "data.classes is empty; write class numbers, [5, 6, 7]");
  return classes;
}

MethodEntry parse_method(const YAML::Node& node, const std::string& file) {
  if (node.IsScalar()) return {node.Scalar(), {}, location_of(node, file)};
  if (!node.IsMap() || node.size() != 1)
    fail_input(location_of(node, file), "an entry of methods is not one method; write - NAME: {KEY: VALUE}");
  return {node.begin()->first.Scalar(), arch::RawConfig::from_map(node.begin()->second, file), location_of(node, file)};
}

/// Options of methods go to the methods; what is left are keys of the recipe.
void override_methods(arch::RawConfig& overrides, std::vector<MethodEntry>& methods) {
  for (MethodEntry& method : methods) {
    const arch::RawConfig options = overrides.take_below(method.name);
    if (options.entries().empty()) continue;
    if (std::count_if(methods.begin(), methods.end(), [&](const auto& other) { return other.name == method.name; }) > 1)
      fail_input(options.entries().front().where,
                 "the recipe has " + method.name + " more than once; write the option into the recipe");
    method.options.override_with(options);
  }
}

}  // namespace

Recipe Recipe::load(const std::string& name_or_path, const std::vector<std::string>& assignments) {
  const bool is_path =
      name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".yaml") || name_or_path.ends_with(".yml");
  const std::string file = is_path ? name_or_path : data_path("workloads/train/recipes/" + name_or_path + ".yaml");
  if (!is_path && !std::filesystem::exists(file))
    fail_input("there is no training recipe " + name_or_path +
               "; docs/training.md lists them, a file's name ends in .yaml");
  return parse(read_file(file), file, assignments);
}

Recipe Recipe::parse(const std::string& text, const std::string& file, const std::vector<std::string>& assignments) {
  const YAML::Node root = parse_yaml(text, file);
  if (!root.IsMap()) fail_input({file, 1}, "a training recipe is a map; write epochs: 10");
  YAML::Node values(YAML::NodeType::Map);
  std::vector<MethodEntry> methods;
  for (const auto& pair : root) {
    const std::string key = pair.first.Scalar();
    if (key == "methods") {
      if (!pair.second.IsSequence())
        fail_input(location_of(pair.first, file), "methods is not a list; write - NAME: {KEY: VALUE}");
      for (const auto& method : pair.second) methods.push_back(parse_method(method, file));
    } else if (key != "description") {
      values.force_insert(pair.first, pair.second);
    }
  }
  arch::RawConfig overrides;
  for (const std::string& assignment : assignments) overrides.set(assignment);
  override_methods(overrides, methods);
  arch::RawConfig config = arch::RawConfig::from_map(values, file);
  config.override_with(overrides);
  const arch::ConfigEntry classes = config.take("data.classes");
  Recipe recipe = parameters().resolve(config);
  if (!classes.key.empty()) recipe.data_classes = parse_classes(classes);
  recipe.name = std::filesystem::path(file).stem().string();
  recipe.text = text;
  if (!assignments.empty() && !text.ends_with('\n')) recipe.text += '\n';
  for (const std::string& assignment : assignments) recipe.text += "# --set " + assignment + "\n";
  recipe.methods = std::move(methods);
  return recipe;
}

double Recipe::rate_factor(double epoch) const {
  if (epoch < warm_up_epochs) return epoch / warm_up_epochs;
  const double span = std::max(1e-9, static_cast<double>(epochs) - warm_up_epochs), position = epoch - warm_up_epochs;
  if (schedule == "cosine") return 0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, position / span)));
  if (schedule == "step") return std::pow(step_factor, std::floor(position / static_cast<double>(step_epochs)));
  return 1;
}

}  // namespace rebasis::train
