#include "workloads/train/continual/recipe.h"

#include <filesystem>

#include "arch/parameter.h"
#include "common/data_dir.h"
#include "common/file.h"
#include "common/text/yaml.h"

namespace rebasis::train {

namespace {

using R = ContinualRecipe;

void declare_training(arch::ParameterSet<R>& p) {
  p.choice("objective", &R::objective, "simsiam", {"simsiam", "barlow_twins"},
           "What views of an image are to agree in.", "Yang, equations 5.1 and 5.2");
  p.choice("initialise", &R::initialise, "all", {"all", "keep"}, "Start from random weights or from those of the file.",
           "Yang, 5.2: a model that learns its first task as usual");
  p.integer("classes_per_task", &R::classes_per_task, 2, 1, 1000, "",
            "Classes of a task, in the order of their numbers.", "Yang, 5.3.1: 2 of 10");
  p.integer("images_per_class", &R::images_per_class, 0, 0, 1'000'000, "", "The first of each class; 0: all.",
            "decision");
  p.integer("epochs", &R::epochs, 10, 1, 100'000, "", "Passes over the images of a task.", "Yang, 5.3.1: 200");
  p.integer("batch_size", &R::batch_size, 64, 2, 65536, "", "Images a step, two views each.", "Yang, 5.3.1: 256");
  p.real("learning_rate", &R::learning_rate, 0.03, 0, 100, "", "Falls as a cosine within each task.",
         "Yang, 5.3.1: 0.03");
  p.real("momentum", &R::momentum, 0.9, 0, 1, "", "Of SGD; from zero in each task.", "LUMP's code");
  p.real("weight_decay", &R::weight_decay, 5e-4, 0, 1, "", "L2 penalty on all trained values.", "LUMP's code");
  p.integer("projection", &R::projection, 128, 2, 65536, "", "Outputs of the projector.", "decision");
  p.integer("prediction", &R::prediction, 32, 1, 65536, "", "Inner width of SimSiam's predictor.",
            "SimSiam: a quarter of the projector's");
  p.real("redundancy", &R::redundancy, 0.005, 0, 10, "", "Lambda of Barlow Twins.", "Zbontar et al., ICML 2021");
  p.real("views.smallest_crop", &R::smallest_crop, 0.3, 0.01, 1, "", "Smallest share of the area of a view.",
         "SimSiam: 0.2");
  p.real("views.jitter", &R::jitter, 0.4, 0, 1, "", "Largest change of brightness and contrast.", "SimSiam: 0.4");
  p.boolean("views.mirror", &R::mirror, true, "Mirror half of the views left to right.", "SimSiam");
  p.integer("seed", &R::seed, 1, 0, 1'000'000'000, "", "Of everything random.", "decision");
}

void declare_continual(arch::ParameterSet<R>& p) {
  p.integer("replay.images", &R::replay_images, 256, 0, 1'000'000, "", "Kept of all earlier tasks together; 0: none.",
            "Yang, 5.3.1: 256");
  p.real("replay.mixup", &R::mixup, 0.4, 0.001, 100, "", "Alpha of the Beta distribution of mixing weights.",
         "LUMP's code: 0.4");
  p.choice("freeze.order", &R::freeze_order, "correlation", {"correlation", "ascending"},
           "Layers of the largest task correlation ratio first, or from the input on.", "Yang, 5.9, Table 24");
  p.choice("freeze.schedule", &R::freeze_schedule, "rising", {"rising", "printed"},
           "Cosine from k_i to k_f, or equation 5.8 as it is printed.", "decision: Yang, 5.8, falls with n");
  p.real("freeze.initial", &R::freeze_initial, 0, 0, 1, "", "k_i, share of the layers.", "Yang, 5.2.3.1: 0");
  p.real("freeze.final", &R::freeze_final, 0.4, 0, 1, "", "k_f, share of the layers; 0: none is frozen.",
         "Yang, 5.2.3.1: 0.4");
  p.real("freeze.subspace", &R::subspace, 0.95, 0.01, 1, "", "Share of the representations' squared norm in the bases.",
         "decision: as gradient projection memory; Yang, 5.7, names none");
  p.integer("freeze.images", &R::subspace_images, 64, 0, 1'000'000, "",
            "Images of the buffer that show a layer the earlier tasks; 0: all.",
            "decision: enough columns for every layer; Yang, 5.2.3: n samples");
  p.integer("freeze.gradient_batches", &R::gradient_batches, 4, 1, 100'000, "", "Batches of the mean gradient.",
            "decision");
  p.integer("knn.neighbours", &R::neighbours, 20, 1, 100'000, "", "Images that vote.",
            "decision: LUMP's code: 200 of 10,000");
  p.real("knn.temperature", &R::temperature, 0.1, 0.001, 100, "", "Of the votes' weights.", "LUMP's code: 0.1");
  p.require({"freeze.initial", "freeze.final"}, "freeze.initial is more than freeze.final; frozen layers stay frozen",
            [](const R& r) { return r.freeze_initial <= r.freeze_final; });
  p.require(
      {"freeze.final", "replay.images"},
      "freeze.final needs replayed images, whose subspace it compares with; set replay.images, or freeze.order to "
      "ascending",
      [](const R& r) { return r.freeze_final == 0 || r.replay_images > 0 || r.freeze_order == "ascending"; });
}

}  // namespace

ContinualRecipe ContinualRecipe::load(const std::string& name_or_path, const std::vector<std::string>& assignments) {
  const bool is_path =
      name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".yaml") || name_or_path.ends_with(".yml");
  const std::string file =
      is_path ? name_or_path : data_path("workloads/train/continual/recipes/" + name_or_path + ".yaml");
  if (!is_path && !std::filesystem::exists(file))
    fail_input("there is no recipe " + name_or_path +
               " for continual learning; 'rebasis list learning-recipes' names them, a file's name ends in .yaml");
  return parse(read_file(file), file, assignments);
}

ContinualRecipe ContinualRecipe::parse(const std::string& text, const std::string& file,
                                       const std::vector<std::string>& assignments) {
  const YAML::Node root = parse_yaml(text, file);
  if (!root.IsMap()) fail_input({file, 1}, "a recipe is a map; write epochs: 10");
  YAML::Node values(YAML::NodeType::Map);
  for (const auto& pair : root) {
    if (pair.first.Scalar() != "description") values.force_insert(pair.first, pair.second);
  }
  arch::RawConfig overrides, config = arch::RawConfig::from_map(values, file);
  for (const std::string& assignment : assignments) overrides.set(assignment);
  config.override_with(overrides);
  static const arch::ParameterSet<R> parameters = [] {
    arch::ParameterSet<R> p;
    declare_training(p);
    declare_continual(p);
    return p;
  }();
  ContinualRecipe recipe = parameters.resolve(config);
  recipe.name = std::filesystem::path(file).stem().string();
  recipe.text = text;
  if (!assignments.empty() && !text.ends_with('\n')) recipe.text += '\n';
  for (const std::string& assignment : assignments) recipe.text += "# --set " + assignment + "\n";
  return recipe;
}

}  // namespace rebasis::train
