#include "workloads/compress/recipe.h"

#include <algorithm>
#include <filesystem>

#include "common/data_dir.h"
#include "common/file.h"
#include "common/text/suggest.h"
#include "common/text/yaml.h"
#include "workloads/compress/recipe_parser.h"

namespace rebasis::compress {
namespace {

constexpr const char* recipe_folder = "workloads/recipes";

bool is_path(const std::string& name_or_file) {
  return name_or_file.find('/') != std::string::npos || name_or_file.ends_with(".yaml") ||
         name_or_file.ends_with(".yml");
}

std::string shipped_file(const std::string& name) {
  std::vector<std::string> names;
  for (const RecipeSummary& recipe : shipped_recipes()) {
    if (recipe.name == name) return recipe.file;
    names.push_back(recipe.name);
  }
  fail_unknown_name({}, "recipe", name, names);
}

}  // namespace

Recipe Recipe::load(const std::string& name_or_file) {
  const std::string file = is_path(name_or_file) ? name_or_file : shipped_file(name_or_file);
  return parse(read_file(file), file);
}

Recipe Recipe::parse(const std::string& text, const std::string& file) {
  ParsedRecipe parsed = parse_recipe(text, file);
  Recipe recipe;
  recipe.text_ = text;
  recipe.name_ = parsed.name.empty() ? std::filesystem::path(file).stem().string() : parsed.name;
  recipe.description_ = parsed.description;
  recipe.activations_ = parsed.activations;
  recipe.correction_ = parsed.correction;
  for (const auto& [name, config] : parsed.passes) {
    const auto& item = PassRegistry::global().at(name, config.where);
    recipe.passes_.emplace_back(name, std::shared_ptr<const Pass>(item.create(config)));
  }
  return recipe;
}

void Recipe::apply(Model& model, const PassContext& context) const {
  std::vector<std::vector<float>> originals;
  for (const Layer& layer : model.layers) originals.push_back(layer.weights);
  double done = 0;
  for (const auto& [name, pass] : passes_) {
    PassContext part = context;
    if (context.progress) {
      part.progress = [&, done](double fraction, std::string_view step) {
        context.progress((done + fraction) / static_cast<double>(passes_.size()), step);
      };
    }
    pass->apply(model, part);
    done += 1;
  }
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    Layer& layer = model.layers[i];
    if (!layer.encoded()) layer.int8 = quantise_int8(layer);
    measure(layer, originals[i]);
  }
}

std::vector<RecipeSummary> shipped_recipes() {
  std::vector<RecipeSummary> recipes;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(data_path(recipe_folder), error)) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string file = entry.path().string();
    recipes.push_back({entry.path().stem().string(), parse_recipe(read_file(file), file).description, file});
  }
  std::sort(recipes.begin(), recipes.end(),
            [](const RecipeSummary& a, const RecipeSummary& b) { return a.name < b.name; });
  return recipes;
}

}  // namespace rebasis::compress
