#include "workloads/compress/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "common/data_dir.h"
#include "common/file.h"
#include "common/text/suggest.h"
#include "common/text/yaml.h"
#include "workloads/compress/quantise/quantiser.h"
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
    recipe.steps_.push_back({name, config, std::shared_ptr<const Pass>(item.create(config))});
  }
  recipe.refuse_order();
  return recipe;
}

void Recipe::refuse_order() const {
  const Step* encoder = nullptr;
  for (const Step& step : steps_) {
    if (step.pass->role() == Role::encodes) {
      encoder = &step;
    } else if (encoder != nullptr && step.pass->role() == Role::prunes) {
      fail_input(step.config.where,
                 fmt::format("{} comes after {} of line {}, which has encoded the weights that it would "
                             "prune; put it before",
                             in_quotes(step.name), in_quotes(encoder->name), encoder->config.where.line));
    }
  }
}

void Recipe::check(const Model& model) const {
  std::vector<const Step*> encoded_by(model.layers.size(), nullptr);
  for (const Step& step : steps_) {
    static_cast<void>(assign_rules(model, step.config.rules));
    step.pass->check(model);
    if (step.pass->role() != Role::encodes) continue;
    const std::vector<bool> wanted = step.pass->encodes(model);
    refuse_encoded_layers(model, step, wanted, encoded_by);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i] && encoded_by[i] == nullptr) encoded_by[i] = &step;
    }
  }
}

void Recipe::refuse_encoded_layers(const Model& model, const Step& step, const std::vector<bool>& wanted,
                                   const std::vector<const Step*>& encoded_by) {
  const auto rules = assign_rules(model, step.config.rules);
  const bool known = !wanted.empty();  // if not, it may be any layer
  /// The last of the layers, all of them of one rule (or of any), when all that are wanted have been encoded.
  const auto all_encoded = [&](std::optional<std::size_t> rule) {
    std::optional<std::size_t> last;
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      if ((known && !wanted[i]) || (rule && rules[i] != rule)) continue;
      if (encoded_by[i] == nullptr) return std::optional<std::size_t>();
      last = i;
    }
    return last;
  };
  const auto refuse = [&](const SourceLocation& where, const std::string& what, std::size_t layer) {
    const Step& earlier = *encoded_by[layer];
    fail_input(where,
               fmt::format("{} has been encoded by {} of line {}; a layer is encoded once: take one of the two out, "
                           "or leave layers there (leave: true)",
                           what, in_quotes(earlier.name), earlier.config.where.line));
  };
  for (std::size_t r = 0; known && r < step.config.rules.size(); ++r) {
    if (const auto layer = all_encoded(r))
      refuse(step.config.rules[r].where, "layer " + in_quotes(model.layers[*layer].name), *layer);
  }
  if (const auto layer = all_encoded({}))
    refuse(step.config.where, "every layer that " + in_quotes(step.name) + " is for", *layer);
}

void Recipe::apply(Model& model, const PassContext& context) const {
  check(model);
  std::vector<std::vector<float>> originals;
  for (const Layer& layer : model.layers) originals.push_back(layer.weights);
  double done = 0;
  for (const Step& step : steps_) {
    PassContext part = context;
    if (context.progress) {
      part.progress = [&, done](double fraction, std::string_view what) {
        context.progress((done + fraction) / static_cast<double>(steps_.size()), what);
      };
    }
    step.pass->apply(model, part);
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
